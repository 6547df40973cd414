import NIOCore
import NIOPosix
import Settings
import Testing

@testable import Sandbox

@Suite("A sandbox", .timeLimit(.minutes(5)))
struct SandboxTests {
    @Test("a port that is taken is told in one sentence, to its owner and to those who wait for the address")
    func portTaken() async throws {
        try await SandboxClient.withSandbox { client in
            var configuration = SandboxConfiguration()
            configuration.port = client.address.port
            let second = try Sandbox(configuration: configuration, logger: SandboxClient.quiet)
            let taken = SandboxError.portTaken(host: "127.0.0.1", port: client.address.port)
            async let waiting: Void = {
                await #expect(throws: taken) { try await second.address() }
            }()
            await #expect(throws: taken) { try await second.run() }
            await waiting
            #expect(
                taken.description
                    == """
                    The sandbox cannot listen on 127.0.0.1:\(client.address.port), because another program already does: \
                    choose another port, or 0 for any free one.
                    """
            )
        }
    }

    @Test(
        "plain http is for loopback addresses only",
        arguments: ["0.0.0.0", "192.168.1.4", "example.com", "::", "127.0.0.1.nip.io"]
    )
    func insecureHost(_ host: String) {
        var configuration = SandboxConfiguration()
        configuration.host = host
        let configured = configuration
        #expect(throws: SandboxError.insecureHost(host)) {
            try Sandbox(configuration: configured, logger: SandboxClient.quiet)
        }
    }

    @Test("it listens on IPv6 loopback, and its address is a URL")
    func ipv6() async throws {
        var configuration = SandboxConfiguration()
        configuration.host = "::1"
        try await SandboxClient.withSandbox(configuration) { client in
            #expect(client.address.baseURL == "http://[::1]:\(client.address.port)")
            #expect(client.address.graphURL == "http://[::1]:\(client.address.port)/beta")
            let answer = try await client.askToken()
            #expect(answer.status == 200)
        }
    }

    @Test("a configuration that makes no sense is refused")
    func invalid() {
        func expect(_ reason: String, when change: (inout SandboxConfiguration) -> Void) {
            var configuration = SandboxConfiguration()
            change(&configuration)
            #expect(throws: SandboxError.invalidConfiguration(reason)) {
                try Sandbox(configuration: configuration, logger: SandboxClient.quiet)
            }
        }
        expect("the tenant id \"x\" is not a GUID") { $0.tenantID = "x" }
        expect("the client id \"\" is not a GUID") { $0.clientID = "" }
        expect("the client secret is empty") { $0.clientSecret = Secret("") }
        expect("the port 65536 is not in 0...65535") { $0.port = 65536 }
        expect("the access token lifetime 0 is not in 1...86400 seconds") { $0.accessTokenLifetime = 0 }
        expect("throttling needs at least one write and one second") { $0.throttling?.writes = 0 }
    }

    @Test("a profile needs a GUID and a name, and no two have the same id")
    func profiles() throws {
        #expect(throws: SandboxError.self) { try SandboxProfile(kind: .deviceOwner, id: "x", displayName: "x") }
        #expect(throws: SandboxError.self) {
            try SandboxProfile(kind: .deviceOwner, id: SandboxClient.ownerID, displayName: "")
        }
        var configuration = SandboxConfiguration()
        configuration.profiles.append(
            try SandboxProfile(kind: .androidForWork, id: SandboxClient.ownerID.uppercased(), displayName: "again")
        )
        let configured = configuration
        #expect(throws: SandboxError.invalidConfiguration("two profiles have the id \(SandboxClient.ownerID)")) {
            try Sandbox(configuration: configured, logger: SandboxClient.quiet)
        }
    }

    @Test("a connection serves one request after the other")
    func keepAlive() async throws {
        try await SandboxClient.withSandbox { client in
            let first = "GET /_sandbox/clock HTTP/1.1\r\nHost: x\r\n\r\n"
            let answer = try await HTTPConversation.hold(
                first + client.bytes("GET", "/_sandbox/tenant"),
                with: client.address
            )
            #expect(answer.text.split(separator: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test("cancelling its task stops it, though a connection is open and a request stalls")
    func cancellation() async throws {
        let sandbox = try Sandbox(logger: SandboxClient.quiet)
        let (addresses, found) = AsyncStream<SandboxAddress>.makeStream()
        async let conversation: HTTPConversation? = {
            for await address in addresses {
                return try await HTTPConversation.hold("GET /v9 HTTP/1.1\r\nHost: x\r\n\r\n", with: address)
            }
            return nil
        }()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sandbox.run() }
            sandbox.store.inject(SandboxFault(nil, calls: .untilReset, .end(.stall)))
            found.yield(try await sandbox.address())
            try await eventually { sandbox.store.counters[.other].arrived == 1 }
            group.cancelAll()
            try? await group.waitForAll()
        }
        #expect(try await conversation?.bytes.readableBytes == 0)
    }

    @Test("HEAD is answered without a body")
    func head() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.send("HEAD", "/_sandbox/clock")
            #expect(answer.status == 405)
            #expect(answer.body.isEmpty)
        }
    }

    @Test("a client that waits for 100 Continue gets it")
    func expectContinue() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.askToken(fields: [("Expect", "100-continue")])
            #expect(answer.text.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(answer.text.contains("HTTP/1.1 200 OK\r\n"))
        }
    }
}
