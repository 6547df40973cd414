import HTTPTypes
import NIOCore
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite("Names", .timeLimit(.minutes(5)))
struct NameLookupTests {
    let authority: TestAuthority
    let names = FakeNames(["graph.test": ["127.0.0.1"]])

    init() throws { authority = try TestAuthority() }

    func transport(
        connectTimeout: Duration = .seconds(60),
        nameLifetime: Duration = .seconds(60)
    ) throws -> CurlTransport {
        var configuration = CurlConfiguration.patient
        configuration.connectTimeout = connectTimeout
        configuration.nameLifetime = nameLifetime
        configuration.lookup = names.lookup
        configuration.certificateAuthoritiesPath = authority.path
        return try CurlTransport(configuration: configuration)
    }

    /// Answers 204 under the name `host`; with `closing` each connection is good for one answer.
    func server(
        _ host: String = "graph.test",
        at address: String = "127.0.0.1",
        port: Int = 0,
        closing: Bool = false
    ) async throws -> WireServer {
        try await WireServer(try authority.serverContext(host: host), at: address, port: port) {
            event,
            stream,
            connection in
            guard event == .received else { return }
            if closing { connection.send(.goAway(last: stream)) }
            connection.send(.head(204, stream: stream, end: true))
        }
    }

    @Test("a name is looked up once, and TLS asks for it and trusts it, not the address")
    func byName() async throws {
        let server = try await server()
        let transport = try transport()
        for _ in 0..<20 {
            let response = try await transport.execute(.test(.post, "https://graph.test:\(server.port)/"))
            #expect(response.status == .noContent)
        }
        #expect(names.begun("graph.test") == 1)
        #expect(Set(server.serverNames) == ["graph.test"])

        let other = try await self.server("other.test")
        let error = try await transport.failure(of: .test(.post, "https://graph.test:\(other.port)/"))
        #expect(error.kind == .tlsFailed)
        #expect(names.begun("graph.test") == 1)
    }

    @Test("a name that does not exist: nothing was sent, and the log can say which name and why")
    func unknown() async throws {
        let transport = try transport()
        for round in 1...2 {
            let error = try await transport.failure(of: .test(.post, "https://nowhere.test/"))
            #expect(error.kind == .nameNotResolved)
            #expect(error.delivery == .notSent)
            #expect(error.maySendAgain)
            #expect(error.detail == "the name nowhere.test could not be resolved: Name or service not known")
            #expect(names.begun("nowhere.test") == round)
        }
        names["nowhere.test"] = []
        let error = try await transport.failure(of: .test(.post, "https://nowhere.test/"))
        #expect(error.kind == .nameNotResolved)
        #expect(transport.unfinishedCount == 0)
    }

    @Test("a lookup that hangs ends its own transfers by the connect timeout, and holds no other")
    func hangs() async throws {
        names.hang("slow.test")
        let server = try await server()
        // Also the time that the others have, under a sanitizer too.
        let transport = try transport(connectTimeout: .seconds(8))
        let slow = Task { try await transport.failure(of: .test(.post, "https://slow.test/")) }
        try await eventually { names.running("slow.test") == 1 }
        for _ in 0..<5 {
            let response = try await transport.execute(.test(.post, "https://graph.test:\(server.port)/"))
            #expect(response.status == .noContent)
        }
        let error = try await slow.value
        #expect(error.kind == .nameNotResolved)
        #expect(error.delivery == .notSent)
        #expect(names.running("slow.test") == 1)
        names.release("slow.test")
    }

    @Test("two hundred transfers that wait for one name hold one thread, and go on together when it is found")
    func shared() async throws {
        names.hang("graph.test")
        let server = try await server()
        let transport = try transport()
        try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await transport.execute(.test(.post, "https://graph.test:\(server.port)/")).status
                }
            }
            try await eventually { transport.unfinishedCount == 200 && names.running == 1 }
            names.release("graph.test")
            for try await status in group { #expect(status == .noContent) }
        }
        #expect(names.begun("graph.test") == 1)
        #expect(server.receivedCount == 200)
    }

    @Test("lookups are bounded: one name more than may hang is refused at once")
    func bounded() async throws {
        let transport = try transport()
        let hosts = (0..<NameLookup.maximumLookups).map { "slow\($0).test" }
        for host in hosts { names.hang(host) }
        let waiting = hosts.map { host in
            Task { try await transport.failure(of: .test(.post, "https://\(host)/")) }
        }
        try await eventually { names.running == hosts.count }
        let error = try await transport.failure(of: .test(.post, "https://graph.test/"))
        #expect(error.kind == .nameNotResolved)
        #expect(error.delivery == .notSent)
        #expect(names.begun("graph.test") == 0)
        for task in waiting { task.cancel() }
        for task in waiting {
            let error = try await task.value
            #expect(error.kind == .cancelled)
            #expect(error.delivery == .notSent)
        }
        for host in hosts { names.release(host) }
        try await eventually { names.running == 0 }
    }

    @Test("the deadline of a request ends its waiting for a name")
    func deadline() async throws {
        names.hang("slow.test")
        let transport = try transport()
        let error = try await transport.failure(of: .test(.post, "https://slow.test/", within: .milliseconds(300)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .notSent)
        names.release("slow.test")
    }

    @Test("stopping does not wait for a lookup that hangs")
    func stopping() async throws {
        names.hang("slow.test")
        let transport = try transport(connectTimeout: .milliseconds(300))
        let waiting = Task { try await transport.failure(of: .test(.post, "https://slow.test/")) }
        try await eventually { names.running == 1 }
        await transport.shutDown()
        #expect(try await waiting.value.kind == .nameNotResolved)
        #expect(names.running == 1)
        names.release("slow.test")
    }

    @Test("where the first address refuses, the next is tried; the same name serves every port")
    func severalAddresses() async throws {
        names["graph.test"] = ["127.0.0.9", "::1", "127.0.0.1"]
        let transport = try transport()
        for _ in 0..<2 {
            let server = try await server()
            let response = try await transport.execute(.test(.post, "https://graph.test:\(server.port)/"))
            #expect(response.status == .noContent)
            #expect(server.receivedCount == 1)
        }
        #expect(names.begun("graph.test") == 1)
    }

    @Test("an address that has changed is followed by new connections")
    func changedAddress() async throws {
        let old = try await server(closing: true)
        let new = try await server(at: "127.0.0.2", port: old.port)
        let transport = try transport(nameLifetime: .zero)
        let url = "https://graph.test:\(old.port)/"
        _ = try await transport.execute(.test(.post, url))
        #expect(old.receivedCount == 1)
        names["graph.test"] = ["127.0.0.2"]
        // Each one asks for a refresh, and none waits for it.
        while new.receivedCount == 0 { _ = try await transport.execute(.test(.post, url)) }
    }

    @Test("known addresses are used on while looking them up again hangs or fails")
    func stale() async throws {
        let server = try await server(closing: true)
        let transport = try transport(nameLifetime: .zero)
        let url = "https://graph.test:\(server.port)/"
        _ = try await transport.execute(.test(.post, url))
        names.hang("graph.test")
        for _ in 0..<3 { _ = try await transport.execute(.test(.post, url)) }
        try await eventually { names.running("graph.test") == 1 }
        names["graph.test"] = nil
        names.release("graph.test")
        try await eventually { names.running("graph.test") == 0 }
        for _ in 0..<3 { _ = try await transport.execute(.test(.post, url)) }
        #expect(server.receivedCount == 7)
        #expect(server.connectionCount == 7)
    }

    @Test("what waiting for a name has used up is taken off the time for connecting")
    func budget() async throws {
        let configuration = CurlConfiguration(connectTimeout: .seconds(5), lookup: names.lookup)
        let multi = try MultiHandle(configuration: configuration)
        let inbox = TransferInbox(configuration: configuration, waker: multi.waker)
        defer { inbox.retireWaker() }
        var lookup = NameLookup(configuration, inbox: inbox)
        let start = ContinuousClock.now
        let request = try UpstreamRequest.test(.post, "https://graph.test/")
        let addresses = [HostAddress("127.0.0.1")!]
        _ = await withCheckedContinuation { continuation in
            let waiter = NameLookup.Waiter(
                submission: Submission(request: request, continuation: continuation),
                connectBy: start + .seconds(5)
            )
            do {
                let first = try lookup.path(for: waiter, as: 1, now: start)
                #expect(first == nil)
                let now = start + .seconds(2)
                let (waiters, error) = lookup.learn(.init(host: "graph.test", result: .success(addresses)), now: now)
                #expect(waiters.map(\.id) == [1] && error == nil)
                let second = try lookup.path(for: waiter, as: 1, now: now)
                #expect(second?.timeLeft == .seconds(3))
                let known = try lookup.path(for: waiter, as: 2, now: start)
                #expect(known != nil && known?.timeLeft == nil)
            } catch {
                Issue.record(error)
            }
            continuation.resume(returning: .failure(TransportError(.cancelled, delivery: .notSent, detail: "")))
        }
    }

    @Test("libcurl looks up nothing by itself")
    func noOtherLookup() async throws {
        // For CURLOPT_RESOLVE a leading dash means "forget".
        names["-graph.test"] = ["127.0.0.1"]
        let server = try await server()
        let transport = try transport()
        let error = try await transport.failure(of: .test(.post, "https://-graph.test:\(server.port)/"))
        #expect(error.kind == .nameNotResolved)
        #expect(error.delivery == .notSent)
    }

    @Test("localhost and addresses need no lookup", arguments: ["localhost", "127.0.0.1"])
    func literals(host: String) async throws {
        let server = try RawServer.answering(noContent)
        let transport = try transport()
        for _ in 0..<2 {
            let response = try await transport.execute(.test(.post, "http://\(host):\(server.port)/"))
            #expect(response.status == .noContent)
        }
        #expect(names.begun(host) == 0)
    }

    @Test("the system's resolver knows this machine's own name for itself, and says why it knows no other")
    func system() throws {
        let addresses = try HostAddress.lookup("localhost").get()
        #expect(addresses.contains(HostAddress("127.0.0.1")!) || addresses.contains(HostAddress("::1")!))
        #expect(throws: HostLookupError.self) { try HostAddress.lookup("nowhere.invalid").get() }
    }
}
