import InMemoryLogging
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Reloading
import ServiceLifecycle
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import GatewayAPI

/// TLS to callers, over real connections.
@Suite("TLS to callers", .timeLimit(.minutes(5)))
struct CallerTLSTests {
    private let test: TestCertificate
    private let log: InMemoryLogHandler

    init() throws {
        test = try TestCertificate()
        log = InMemoryLogHandler()
    }

    private func live(wallClock: @escaping @Sendable () -> Timestamp = { .now }) throws -> LiveCallerCertificate {
        try test.live(wallClock: wallClock, logger: Logger(label: "test") { [log] _ in log })
    }

    private var messages: [String] { log.entries.map { "\($0.message)" } }

    private func withServer(
        _ certificate: LiveCallerCertificate,
        limits: (inout EdgeLimits) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int, _ gateway: Gateway) async throws -> Void
    ) async throws {
        let gateway = Gateway(
            settings: ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "0"],
            limits: limits,
            certificate: certificate
        )
        try await gateway.withGroup { port, group in
            try await body(port, gateway)
            await group.triggerGracefulShutdown()
        }
    }

    @Test(
        "TLS 1.2 and 1.3 are spoken, and HTTP/1.1 with ALPN and without",
        arguments: [TLSVersion.tlsv12, .tlsv13],
        [[], ["http/1.1"]]
    )
    func versions(version: TLSVersion, protocols: [String]) async throws {
        let caller = try test.caller(protocols: protocols) {
            $0.minimumTLSVersion = version
            $0.maximumTLSVersion = version
        }
        try await withServer(live()) { port, _ in
            try await Wire.connect(port, tls: caller) { wire in
                for _ in 0..<2 {
                    try await wire.send(RawRequest.post(body: "{}"))
                    #expect(try await wire.answer()?.status == 201)
                }
                #expect(try await wire.handshake.version == version)
                // A close_notify ends the sending side alone.
                try await wire.send(RawRequest.post(["Connection: close"], body: "{}"))
                #expect(try await wire.answer()?["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test(
        "older versions, and suites without forward secrecy or authenticated encryption, are refused, counted and logged",
        arguments: ["TLS 1.1", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"]
    )
    func refused(what: String) async throws {
        let caller = try test.caller {
            $0.minimumTLSVersion = .tlsv1
            $0.maximumTLSVersion = what == "TLS 1.1" ? .tlsv11 : .tlsv12
            if what != "TLS 1.1" { $0.cipherSuites = what }
        }
        try await withServer(live()) { port, gateway in
            for _ in 0..<2 {
                await #expect(throws: (any Error).self) {
                    try await Wire.connect(port, tls: caller) { wire in
                        try await wire.send(RawRequest.post())
                        #expect(try await wire.answer() == nil)
                    }
                }
            }
            while gateway.applications.connections.refused[.handshakeFailed] != 2, !Task.isCancelled {
                await Task.yield()
            }
            #expect(gateway.lines("Connections refused").map { $0["reason"] } == ["handshake-failed"])
        }
    }

    @Test("a handshake that does not end is ended, and so is one that has begun when the server stops")
    func slowHandshake() async throws {
        try await withServer(live(), limits: { $0.headerTimeout = .milliseconds(200) }) { port, gateway in
            try await Wire.connect(port) { wire in
                try await wire.send([0x16])
                #expect(try await wire.rest() == "")
            }
            #expect(gateway.applications.connections.refused == [.handshakeTimeout: 1])
        }
        let gateway = Gateway(settings: ["HTTP_HOST": "localhost", "HTTP_PORT": "0"], certificate: try live())
        try await gateway.withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send([0x16])
                while gateway.applications.connections.count == 0, !Task.isCancelled { await Task.yield() }
                await group.triggerGracefulShutdown()
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test(
        "a handshake that is under way when the server stops is finished, and its request served",
        arguments: [TLSVersion.tlsv12, .tlsv13],
        [["http/1.1"], []]
    )
    func lateHandshake(version: TLSVersion, protocols: [String]) async throws {
        let gateway = Gateway(
            settings: ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "0"],
            // On a busy machine there may be many seconds between two steps of it.
            limits: {
                $0.headerTimeout = .seconds(120)
                ($0.lastTLSHandshake, $0.lastFirstRequest) = (.seconds(120), .seconds(120))
            },
            certificate: try live()
        )
        let caller = try test.caller(protocols: protocols) { $0.maximumTLSVersion = version }
        try await gateway.withGroup { port, group in
            let release = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            try await Wire.connect(port, tls: caller, holdingUntil: release.futureResult) { wire in
                while gateway.applications.connections.count == 0, !Task.isCancelled { await Task.yield() }
                gateway.applications.connections.beginEnding()
                await group.triggerGracefulShutdown()
                // The port is closed before its connections are told.
                while (try? await Wire.connect(port, host: "127.0.0.1") { _ in }) != nil, !Task.isCancelled {
                    await Task.yield()
                }
                release.succeed()
                // A caller that is far away has to hear first that the handshake is over.
                try await Task.sleep(for: EdgeLimits.lastLook * 2)
                try await wire.send(RawRequest.post(body: "{}"))
                let answer = try #require(try await wire.answer())
                #expect(answer.status == 201 && answer["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test("what is no TLS is closed without a request having been read")
    func plain() async throws {
        try await withServer(live()) { port, gateway in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                #expect(try await !wire.rest().contains("HTTP/1.1"))
            }
            #expect(gateway.tokens.calls.isEmpty)
        }
    }

    @Test("a new certificate is shown to new callers, and connections that are open go on")
    func reload() async throws {
        let (certificate, caller) = (try live(), try test.caller())
        try await withServer(certificate) { port, _ in
            try await Wire.connect(port, tls: caller) { old in
                try await old.send(RawRequest.post(body: "{}"))
                #expect(try await old.answer()?.status == 201)
                let first = try await old.handshake.certificate
                try test.replace()
                await certificate.reload(.change)
                try await Wire.connect(port, tls: caller) { new in
                    try await new.send(RawRequest.post(body: "{}"))
                    #expect(try await new.answer()?.status == 201)
                    #expect(try await new.handshake.certificate != first)
                }
                try await old.send(RawRequest.post(body: "{}"))
                #expect(try await old.answer()?.status == 201)
            }
        }
        #expect(messages == ["Certificate for callers read"])
    }

    @Test("files that cannot be used change nothing, and are told once")
    func badFiles() async throws {
        let (certificate, caller) = (try live(), try test.caller())
        let first = certificate.facts
        try test.folder.write(test.authority.identity().key, to: "key.pem")
        await certificate.reload(.change)
        await certificate.reload(.retry)
        #expect(certificate.hasFault)
        #expect(certificate.facts == first)
        try await withServer(certificate) { port, _ in
            try await Wire.connect(port, tls: caller) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                #expect(try await wire.answer()?.status == 201)
            }
        }
        try test.replace()
        await certificate.reload(.retry)
        #expect(!certificate.hasFault)
        #expect(certificate.facts != first)
        #expect(
            messages == [
                "The certificate's files cannot be used; the one before them stays in force",
                "Certificate for callers read",
            ]
        )
    }

    @Test("the files are read when the operator asks for it, and tried again when they could not be used")
    func watch() async throws {
        let certificate = try live()
        let first = certificate.facts
        let (signal, clock) = (ReloadSignal(), ManualClock(automatic: true))
        let watch = CallerCertificateWatch(certificate, signal: signal, clock: clock)
        try test.folder.write("", to: "key.pem")
        let running = Task { try await watch.run() }
        while !certificate.hasFault, !Task.isCancelled { await Task.yield() }
        try test.replace()
        signal.send()
        while certificate.facts == first, !Task.isCancelled { await Task.yield() }
        #expect(!certificate.hasFault)
        running.cancel()
        try await running.value
    }

    @Test(
        "a certificate that is not valid takes the place of one that is not either, and of no other",
        arguments: [true, false]
    )
    func validity(isEnded: Bool) async throws {
        try test.replace(beginsIn: -3600, endsIn: 3600)
        let certificate = try live(wallClock: { .now + (isEnded ? .seconds(4000) : .zero) })
        let first = certificate.facts
        try test.replace(beginsIn: 1800, endsIn: 3000)
        await certificate.reload(.change)
        #expect((certificate.facts == first) == !isEnded)
        #expect(certificate.hasFault == !isEnded)
        #expect((certificate.secondsLeft < 0) == isEnded)
    }
}
