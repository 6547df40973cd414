import CurlTransport
import Entra
import Foundation
import Graph
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Settings
import TerminalText
import Testing
import Transport

@testable import Doctor
@testable import Sandbox

/// One run of the doctor against a sandbox of its own, through the real transport.
struct Examination {
    static let secret = "canary-secret-0123456789"
    static let profile = ProfileID("aaaaaaaa-0000-4000-8000-000000000001")!
    static let deviceOwnerProfile = ProfileID("dddddddd-0000-4000-8000-000000000001")!

    /// What the operator has configured, right or wrong.
    var shownSecret = Examination.secret
    var client = SandboxConfiguration.defaultClientID
    var tenant = SandboxConfiguration.defaultTenantID
    var profile: ProfileID? = Examination.profile
    var creates = false
    var kind = ProfileKind.androidForWork
    /// In the place of the sandbox's.
    var authority: String?
    var isSecure = false
    var trustsSandbox = true
    var lookup: HostLookup = HostAddress.lookup
    /// How far this machine's clock is ahead.
    var ahead = Duration.zero
    /// What is done to the sandbox before.
    var prepare: @Sendable (SandboxStore) -> Void = { _ in }

    /// What came of it.
    struct Outcome {
        var diagnosis: Diagnosis
        var announcements: [String]
        var counters: SandboxCounters

        subscript(step: StepID) -> Finding { diagnosis.findings.first { $0.step == step }! }

        /// The codes of what is advised.
        func codes(_ step: StepID) -> [String] { self[step].advice.compactMap(\.code) }
    }

    func run() async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = SandboxConfiguration()
        configuration.clientSecret = Secret(Self.secret)
        configuration.tlsDirectory = isSecure ? folder : nil
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sandbox = try Sandbox(configuration: configuration, logger: quiet)
        let services = ServiceGroup(configuration: .init(services: [sandbox], logger: quiet))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result: Result<Outcome, any Error>
            do {
                let address = try await sandbox.address()
                prepare(sandbox.store)
                result = .success(try await examine(address, sandbox.store, quiet))
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }

    private func examine(_ address: SandboxAddress, _ store: SandboxStore, _ quiet: Logger) async throws -> Outcome {
        var curl = CurlConfiguration(connectTimeout: .seconds(60), lookup: lookup)
        curl.certificateAuthoritiesPath = isSecure && trustsSandbox ? address.certificatePath : nil
        let transport = try CurlTransport(configuration: curl)
        let base = isSecure ? "https://localhost:\(address.port)" : address.baseURL
        let authority = try UpstreamURL(authority ?? base)
        let graph = GraphConfiguration(baseURL: try UpstreamURL(base + "/beta"), deadline: .seconds(60))
        let entra = try EntraConfiguration(
            authority: authority,
            tenant: TenantID(tenant),
            client: ClientID(client),
            scope: TokenScope(graphRoot: graph.baseURL),
            credential: ClientSecretCredential(Secret(shownSecret))
        )
        let endpoint = TokenEndpoint(
            configuration: entra,
            transport: transport,
            clock: ContinuousClock(),
            timeLimit: .seconds(60)
        )
        let ahead = ahead
        let seen = SeenAccessTokens()
        let tools = DoctorTools(
            transport: transport,
            probe: try ConnectionProbe(configuration: curl),
            grants: WatchedGrants(source: endpoint, seen: seen),
            wallClock: { .now + ahead }
        )
        let subject = DoctorSubject(
            issuer: .entra(authority: authority, tenant: tenant, client: client),
            credential: "client secret",
            graph: graph,
            kind: kind,
            profile: profile,
            creates: creates
        )
        let reports = NIOLockedValueBox<[Doctor.Report]>([])
        let diagnosis = await withLogger(quiet) { _ in
            await Doctor(subject, tools: tools).examine(after: Finding(.configuration, .passed, "complete")) { report in
                reports.withLockedValue { $0.append(report) }
            }
        }
        await transport.shutDown()
        requireSecrecy(diagnosis, seen)
        let announcements = reports.withLockedValue { $0 }.compactMap { report in
            if case .announcement(let text) = report { text } else { nil }
        }
        return Outcome(diagnosis: diagnosis, announcements: announcements, counters: store.counters)
    }

    /// No output has a secret in it, whatever was found.
    private func requireSecrecy(_ diagnosis: Diagnosis, _ seen: SeenAccessTokens) {
        let text = FindingText(TextTerminal(width: 100), titles: diagnosis)
        let outputs = diagnosis.findings.flatMap(text.lines) + [DiagnosisJSON.document(diagnosis), "\(diagnosis)"]
        let whole = outputs.joined().filter { !$0.isWhitespace }
        #expect(!whole.contains(Self.secret))
        #expect(!whole.contains(shownSecret))
        for token in seen.tokens {
            #expect(token.count > 100)
            // The end of its signature: a part of it would be too much already.
            #expect(!whole.contains(token.suffix(40)))
        }
    }
}

/// The access tokens that were granted, to look for where they must not be.
final class SeenAccessTokens: Sendable {
    private let box = NIOLockedValueBox<[String]>([])

    var tokens: [String] { box.withLockedValue { $0 } }

    func add(_ token: Secret) { token.reveal { text in box.withLockedValue { $0.append(text) } } }
}

struct WatchedGrants: TokenGrantSource {
    let source: any TokenGrantSource
    let seen: SeenAccessTokens

    func requestGrant(claims: Entra.ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let grant = try await source.requestGrant(claims: claims)
        seen.add(grant.value)
        return grant
    }
}
