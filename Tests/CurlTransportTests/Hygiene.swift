import Foundation
import Glibc
import HTTPTypes
import Synchronization
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// Ends many transfers in every way there is, and compares what the process holds before and after.
enum Hygiene {
    static let isSoak = ProcessInfo.processInfo.environment["SOAK"] != nil
    private static let count = isSoak ? 10_000 : 300
    private static let parallel = 25
    /// In-use memory may differ by this much: the allocator counts what it keeps at hand for each thread as in use. With 10,000
    /// transfers of each kind a leak of ten bytes in each is more.
    private static let slack = 256 << 10

    /// One way to end, and the kind that it ends with; nil for an answer.
    typealias Way = (name: String, request: UpstreamRequest, kinds: [TransportError.Kind]?, cancelled: Bool)

    static func http1() async throws {
        let server = try RawServer(keepsRequests: false) { connection in
            while let request = connection.readRequest() {
                switch request.path {
                case "/good": connection.send(noContent)
                case "/reset": return connection.reset()
                case "/close": return
                case "/bad": return connection.send("HTTP/1.1 200 OK\r\nno field\r\n\r\n")
                case "/large": return connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nxxxx")
                default: break
                }
            }
        }
        let nobody = try SilentPort(.refuses)
        defer { withExtendedLifetime(nobody) {} }
        let closedURL = "http://127.0.0.1:\(nobody.port)/"
        try await check(.patient) {
            func request(_ path: String, within: Duration = .seconds(30)) throws -> UpstreamRequest {
                try .test(.post, server.url(path), body: "{}", within: within)
            }
            return [
                ("finished", try request("/good"), nil, false),
                ("cancelled", try request("/hole"), [.cancelled], true),
                ("timed out", try request("/hole", within: .milliseconds(20)), [.timedOut], false),
                ("reset", try request("/reset"), [.connectionLost], false),
                ("closed", try request("/close"), [.connectionLost], false),
                ("malformed", try request("/bad"), [.malformedResponse], false),
                ("too large", try request("/large"), [.responseTooLarge], false),
                ("refused", try .test(.post, closedURL), [.connectFailed, .connectionLost], false),
            ]
        }
    }

    static func http2() async throws {
        let authority = try TestAuthority()
        let good = try await server(authority) { $1.send(.head(204, stream: $0, end: true)) }
        let hole = try await server(authority) { _, _ in }
        let reset = try await server(authority) { $1.send(.reset(.internalError, stream: $0)) }
        let refused = try await server(authority) { $1.send(.reset(.refusedStream, stream: $0)) }
        let dying = try await server(authority) { $1.die(.drop) }
        let stranger = try await server(TestAuthority()) { _, _ in }
        var configuration = CurlConfiguration.patient
        configuration.certificateAuthoritiesPath = authority.path
        try await check(configuration) {
            func request(_ server: WireServer, within: Duration = .seconds(30)) throws -> UpstreamRequest {
                try .test(.post, server.url, body: "{}", within: within)
            }
            return [
                ("finished", try request(good), nil, false),
                ("cancelled", try request(hole), [.cancelled], true),
                ("timed out", try request(hole, within: .milliseconds(50)), [.timedOut], false),
                ("reset", try request(reset), [.connectionLost], false),
                // Where the stream's connection was a used one, its refusal cannot be told from its end.
                ("refused", try request(refused), [.refused, .connectionLost], false),
                ("lost", try request(dying), [.connectionLost], false),
                ("untrusted", try request(stranger), [.tlsFailed], false),
            ]
        }
    }

    static func names() async throws {
        let names = FakeNames(["one.test": ["127.0.0.1"]])
        let configuration = CurlConfiguration(
            connectTimeout: .milliseconds(50),
            nameLifetime: .zero,
            lookup: names.lookup
        )
        let release: @Sendable () async throws -> Void = {
            names.release("hung.test")
            try await eventually { names.running == 0 }
        }
        try await check(configuration, afterRound: release) {
            names.hang("hung.test")
            return [
                ("unknown", try .test(.post, "https://nowhere.test/"), [.nameNotResolved], false),
                ("hung", try .test(.post, "https://hung.test/"), [.nameNotResolved], false),
                ("cancelled", try .test(.post, "https://hung.test/"), [.cancelled, .nameNotResolved], true),
                // On a busy machine the lookup alone takes the time for connecting.
                ("known", try .test(.post, "https://one.test:1/"), [.connectFailed, .nameNotResolved], false),
            ]
        }
    }

    private static func server(
        _ authority: TestAuthority,
        _ answer: @escaping @Sendable (UInt32, WireConnection) -> Void
    ) async throws -> WireServer {
        try await WireServer(try authority.serverContext()) { event, stream, connection in
            if event == .received { answer(stream, connection) }
        }
    }

    // MARK: -

    private static func check(
        _ configuration: CurlConfiguration,
        afterRound: () async throws -> Void = {},
        _ ways: @Sendable () throws -> [Way]
    ) async throws {
        // Twice: the first round takes what is taken once, such as threads of the runtime and tables of TLS.
        try await round(configuration, ways)
        try await afterRound()
        let start = try await settled(at: nil)
        try await round(configuration, ways)
        try await afterRound()
        let end = try await settled(at: start)
        #expect(end.descriptors <= start.descriptors)
        #expect(end.threads <= start.threads)
        #expect(end.memory <= start.memory + slack, "\(start) → \(end)")
        #expect(EasyHandle.liveCount.load(ordering: .relaxed) == 0)
    }

    /// One transport from its start to its end, and every way so often.
    private static func round(_ configuration: CurlConfiguration, _ ways: @Sendable () throws -> [Way]) async throws {
        let transport = try CurlTransport(configuration: configuration)
        var number = 0
        while number < count {
            // One way after the other. Where transfers to several hosts wait for connections that are being made, libcurl 7.88
            // wakes one of them when another has ended (`process_pending_handles`); if that one has to go on waiting, those of the
            // other host are forgotten until the next event, at latest their deadline.
            for way in try ways() {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<parallel { group.addTask { try await end(transport, way, index) } }
                    try await group.waitForAll()
                }
            }
            number += parallel
        }
        #expect(transport.unfinishedCount == 0)
        await transport.shutDown()
    }

    private static func end(_ transport: CurlTransport, _ way: Way, _ index: Int) async throws {
        let task = Task { () -> TransportError.Kind? in
            do throws(TransportError) {
                _ = try await transport.execute(way.request)
                return nil
            } catch {
                return error.kind
            }
        }
        if way.cancelled {
            for _ in 0..<(index * 7 % 40) { await Task.yield() }
            task.cancel()
        }
        let kind = await task.value
        let isRight = kind.map { way.kinds?.contains($0) ?? false } ?? (way.kinds == nil)
        #expect(isRight, "\(way.name): \(kind?.rawValue ?? "answered")")
    }

    private struct Holding {
        var descriptors: Int
        var threads: Int
        /// Bytes that the program has taken from the allocator.
        var memory: Int

        init() {
            descriptors = Self.entries(of: "/proc/self/fd")
            threads = Self.entries(of: "/proc/self/task")
            memory = Self.allocated()
        }

        /// What the allocator was asked for and did not get back, by malloc_info(3): all that it has of the system, without what is
        /// free in it. A sanitizer's own allocator is not seen.
        private static func allocated() -> Int {
            typealias Describe = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32
            // The function is in glibc, but its header is in no module.
            guard let symbol = dlsym(nil, "malloc_info") else { return 0 }
            var text: UnsafeMutablePointer<CChar>?
            var length = 0
            guard let file = open_memstream(&text, &length) else { return 0 }
            _ = unsafeBitCast(symbol, to: Describe.self)(0, file)
            fclose(file)
            defer { free(text) }
            // The last of each are the totals over all arenas.
            let document = text.map { String(cString: $0) } ?? ""
            func total(_ name: String) -> Int {
                let line = document.split(separator: "\n").last { $0.hasPrefix("<\(name)") }
                return line?.firstMatch(of: /size="(\d+)"/).flatMap { Int($0.output.1) } ?? 0
            }
            return total("system type=\"current\"") - total("total type=\"fast\"") - total("total type=\"rest\"")
                + total("total type=\"mmap\"")
        }

        private static func entries(of path: String) -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).count
        }
    }

    /// What the process holds once the servers' connections and threads have ended too. With `start`: at latest when it is back
    /// there, as far as that comes; the test's time limit is far away, so that the wait for a leak is bounded here.
    private static func settled(at start: Holding?) async throws -> Holding {
        var last = Holding()
        var calm = 0
        for _ in 0..<500 {
            try await Task.sleep(for: .milliseconds(10))
            let now = Holding()
            let isSame = now.descriptors == last.descriptors && now.threads == last.threads
            calm = isSame ? calm + 1 : 0
            last = now
            if let start {
                if now.descriptors <= start.descriptors, now.threads <= start.threads, calm > 10 { break }
            } else if calm > 50 {
                break
            }
        }
        return last
    }
}
