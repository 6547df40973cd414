import Foundation
import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import Reloading
import Settings
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Entra

/// An Entra that knows which secrets are good, and a credential whose secret is in a file.
struct RotationBench {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let handler = InMemoryLogHandler()
    let transport: ScriptedTransport
    let inUse: CredentialInUse
    let rotation: RotatingCredential
    private let good: Box<Set<String>>

    init(_ settings: [String: String] = [:], good: Set<String> = ["one"]) throws {
        folder = try TemporaryFolder()
        let good = Box(good)
        self.good = good
        transport = ScriptedTransport { request, _ in
            let body = request.body.map { String(buffer: $0) } ?? ""
            let secret = body.split(separator: "client_secret=").last.map(String.init) ?? ""
            return good.value?.contains(secret) == true
                ? .granted("token.of.\(secret)") : .fault(.unauthorized, "invalid_client", code: 7_000_215)
        }
        let handler = handler
        let logger = Logger(label: "test", factory: { _ in handler })
        let path = try folder.write("one\n", to: "secret")
        let environment = [
            "AZURE_TENANT_ID": EntraConfiguration.exampleTenant, "AZURE_CLIENT_ID": EntraConfiguration.exampleClient,
            "AZURE_CLIENT_SECRET_FILE": path,
        ].merging(settings) { _, new in new }
        let reader = SettingsReader(environment: environment)
        let graph = try UpstreamURL("https://graph.example/beta")
        let access = AccessConfiguration(reader, graphRoot: graph, cloud: .global)
        try reader.finish()
        inUse = try #require(access).credential(transport: transport, clock: clock, logger: logger)
        rotation = try #require(inUse.rotation)
    }

    /// Which secrets Entra accepts from now on.
    func accept(_ secrets: String...) { good.value = Set(secrets) }

    func write(_ text: String) throws { try folder.write(text, to: "secret") }

    /// One token request, as the cache makes it.
    func ask() async -> Result<String, EntraError> {
        do throws(EntraError) {
            return .success(try await inUse.source.requestGrant(claims: nil).value.reveal { $0 })
        } catch {
            return .failure(error)
        }
    }

    /// What was shown to Entra so far, in order.
    var shown: [String] {
        transport.requests.map { request in
            let body = request.body.map { String(buffer: $0) } ?? ""
            return body.split(separator: "client_secret=").last.map(String.init) ?? ""
        }
    }

    /// Level and beginning of each line of the log.
    var messages: [String] {
        handler.entries.map { "\($0.level): \($0.message.description.components(separatedBy: ":")[0])" }
    }
}

@Suite("RotatingCredential", .timeLimit(.minutes(5)))
struct RotatingCredentialTests {
    @Test("a new secret is tried by the next request, and serves once it was accepted")
    func rotated() async throws {
        let bench = try RotationBench(["AZURE_CLIENT_SECRET_EXPIRES_ON": "2027-05-31"])
        #expect(await bench.ask() == .success("token.of.one"))
        #expect(bench.inUse.facts.secretEndsAt?.rfc3339 == "2027-05-31T00:00:00Z")
        bench.accept("one", "two")
        try bench.write("two\n")
        await bench.rotation.reload(.change)
        #expect(bench.inUse.facts.inUse?.generation == 1)
        #expect(bench.inUse.facts.candidate?.content.generation == 2)
        #expect(await bench.ask() == .success("token.of.two"))
        #expect(bench.shown == ["one", "two"])
        #expect(bench.inUse.facts.inUse?.generation == 2)
        #expect(bench.inUse.facts.candidate == nil)
        // The date was that of the secret before.
        #expect(bench.inUse.facts.endsAt == nil)
        #expect(bench.messages == ["notice: new credential found", "notice: credential replaced"])
    }

    @Test("while Entra does not know the new secret yet, the same request is served by the one before")
    func notKnownYet() async throws {
        let bench = try RotationBench()
        try bench.write("two")
        await bench.rotation.reload(.change)
        #expect(await bench.ask() == .success("token.of.one"))
        #expect(bench.shown == ["two", "one"])
        // Not each request asks for a refusal.
        #expect(await bench.ask() == .success("token.of.one"))
        #expect(bench.shown == ["two", "one", "one"])
        #expect(bench.inUse.facts.candidate?.refusal?.reason == .secretWrong)
        bench.accept("two")
        bench.clock.advance(by: .seconds(60))
        #expect(await bench.ask() == .success("token.of.two"))
        #expect(
            bench.messages == [
                "notice: new credential found", "warning: new credential refused", "notice: credential replaced",
            ]
        )
        let warning = try #require(bench.handler.entries.first { $0.level == .warning }?.metadata)
        #expect(warning["credential.generation"] == "2")
        #expect(warning["credential.retry_in"] == "60")
        #expect(warning["entra.aadsts"] == "7000215")
    }

    @Test("a refusal has the file read again, and what it holds now is tried in the same request")
    func readOnRefusal() async throws {
        let bench = try RotationBench()
        #expect(await bench.ask() == .success("token.of.one"))
        bench.accept("two")
        try bench.write("two")
        #expect(await bench.ask() == .success("token.of.two"))
        #expect(bench.shown == ["one", "one", "two"])
        #expect(bench.inUse.facts.inUse?.generation == 2)
    }

    @Test("when both are refused, the newer one's refusal is told and neither is shown twice")
    func bothRefused() async throws {
        let bench = try RotationBench()
        bench.accept()
        try bench.write("two")
        await bench.rotation.reload(.change)
        guard case .failure(let error) = await bench.ask() else {
            Issue.record("a token came")
            return
        }
        #expect(error.reason == .secretWrong)
        #expect(bench.shown == ["two", "one"])
        guard case .failure = await bench.ask() else {
            Issue.record("a token came")
            return
        }
        #expect(bench.shown == ["two", "one", "one", "two"])
    }

    @Test("a trouble that is no verdict on the new secret has the next request show the one before")
    func networkTrouble() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("one", to: "secret")
        let transport = ScriptedTransport { (_, _) throws(TransportError) in
            throw TransportError(.connectFailed, delivery: .notSent, detail: "no")
        }
        let source = try #require(
            SettingsReader(environment: ["AZURE_CLIENT_SECRET_FILE": path]).secretSource("AZURE_CLIENT_SECRET")
        )
        let clock = ManualClock()
        let rotation = RotatingCredential(
            try StoredCredential(secret: source, endsAt: nil, at: .now),
            assertion: ClientAssertion(audience: "", client: "", sendsChain: false),
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try folder.write("two", to: "secret")
        await rotation.reload(.change)
        let endpoint = TokenEndpoint(configuration: .example(credential: rotation), transport: transport, clock: clock)
        await #expect(throws: EntraError.self) { try await endpoint.requestGrant(claims: nil) }
        #expect(transport.requests.count == 1)
        #expect(rotation.facts.candidate?.refusal == nil)
        #expect(try await rotation.proof().generation == 1)
        clock.advance(by: .seconds(60))
        #expect(try await rotation.proof().generation == 2)
    }

    @Test(
        "a broken file leaves the one before in use, and is told as an error, once",
        arguments: ["", "\n", "  \n", String(repeating: "x", count: 70_000), "missing"]
    )
    func broken(contents: String) async throws {
        let bench = try RotationBench()
        if contents == "missing" {
            try FileManager.default.removeItem(atPath: bench.folder.path("secret"))
        } else {
            try bench.write(contents)
        }
        await bench.rotation.reload(.change)
        await bench.rotation.reload(.schedule)
        #expect(await bench.ask() == .success("token.of.one"))
        #expect(bench.messages == ["error: new credential cannot be used"])
        #expect(bench.inUse.facts.fault?.name == "AZURE_CLIENT_SECRET_FILE")
        #expect(bench.handler.entries.first?.metadata["setting.problem"] != nil)
        try bench.write("one")
        await bench.rotation.reload(.change)
        #expect(bench.inUse.facts.fault == nil)
    }

    @Test("what the operator asks for is answered, also where there is nothing to read")
    func asked() async throws {
        let bench = try RotationBench()
        await bench.rotation.reload(.signal)
        #expect(bench.messages == ["notice: credential read again"])
        let inline = try RotationBench(["AZURE_CLIENT_SECRET_FILE": "", "AZURE_CLIENT_SECRET": "one"])
        await inline.rotation.reload(.signal)
        #expect(inline.messages == ["notice: credential not read again"])
    }
}

@Suite("CredentialWatch", .timeLimit(.minutes(5)))
struct CredentialWatchTests {
    /// Runs the watch beside `body`, on a clock that leaps from one look to the next.
    func watch(
        _ bench: RotationBench,
        _ body: (ReloadSignal, @escaping @Sendable () -> Int) async throws -> Void
    ) async throws {
        let signal = ReloadSignal()
        let renewals = Tally()
        let source = bench.inUse.source
        let watch = CredentialWatch(bench.rotation, signal: signal, clock: ManualClock(automatic: true)) {
            _ = try? await source.requestGrant(claims: nil)
            renewals.add()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.run() }
            try await body(signal) { renewals.count }
            group.cancelAll()
        }
    }

    @Test("a changed file has a token fetched at once, and only once")
    func change() async throws {
        let bench = try RotationBench()
        try await watch(bench) { _, renewals in
            bench.accept("two")
            try bench.write("two")
            await eventually { bench.inUse.facts.inUse?.generation == 2 }
            await eventually { renewals() == 1 }
        }
        #expect(bench.shown == ["two"])
    }

    @Test("a change between the reading of the settings and the start is found")
    func changedBefore() async throws {
        let bench = try RotationBench()
        bench.accept("two")
        try bench.write("two")
        try await watch(bench) { _, _ in await eventually { bench.inUse.facts.inUse?.generation == 2 } }
    }

    @Test("SIGHUP has the file read at once")
    func signal() async throws {
        let bench = try RotationBench()
        try await watch(bench) { signal, _ in
            await eventually {
                signal.send()
                return bench.messages.contains("notice: credential read again")
            }
        }
    }

    @Test("the swap of a folder behind a link is found, as Kubernetes does it")
    func kubernetes() async throws {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        for (name, secret) in [("..1", "one"), ("..2", "two")] {
            try files.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
            try folder.write(secret, to: name + "/secret")
        }
        try files.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..1")
        try files.createSymbolicLink(atPath: folder.path("secret"), withDestinationPath: "..data/secret")
        let bench = try RotationBench(["AZURE_CLIENT_SECRET_FILE": folder.path("secret")])
        bench.accept("one", "two")
        try await watch(bench) { _, _ in
            try files.createSymbolicLink(atPath: folder.path("..tmp"), withDestinationPath: "..2")
            #expect(rename(folder.path("..tmp"), folder.path("..data")) == 0)
            await eventually { bench.inUse.facts.inUse?.generation == 2 }
        }
    }
}
