import HTTPTypes
import Logging
import NIOCore
import Reloading
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("ManagedIdentitySource", .timeLimit(.minutes(5)))
struct ManagedIdentityTests {
    static let now = Timestamp(secondsSince1970: 1_586_900_000)

    func source(
        _ environment: [String: String],
        _ transport: ScriptedTransport
    ) throws -> ManagedIdentitySource {
        let settings = SettingsReader(environment: environment.merging(["AZURE_CREDENTIAL": "managed-identity"]) { $1 })
        let graph = try UpstreamURL("https://graph.microsoft.us/beta")
        let access = AccessConfiguration(settings, graphRoot: graph, cloud: .usGov)
        try settings.finish()
        guard case .managedIdentity(let identity)? = access?.means, let scope = access?.scope else {
            throw EntraError(.refused, reason: .credentialInvalid, detail: "no managed identity")
        }
        return ManagedIdentitySource(
            identity: identity,
            scope: scope,
            transport: transport,
            clock: ManualClock(),
            wallClock: { Self.now }
        )
    }

    static let answer = #"""
        {"access_token":"a.b.c","refresh_token":"","expires_in":"3599","expires_on":"1586984735","not_before":"1586900000",
        "resource":"https://graph.microsoft.us","token_type":"Bearer","client_id":"x"}
        """#

    @Test("the instance metadata service is asked as Microsoft documents it")
    func instanceMetadata() async throws {
        let transport = ScriptedTransport { _, _ in .json(.ok, Self.answer) }
        let grant = try await source([:], transport).requestGrant(claims: nil)
        #expect(grant.value.reveal { $0 } == "a.b.c")
        #expect(grant.lifetime == .seconds(3599))
        #expect(grant.refreshIn == nil)
        let request = try #require(transport.requests.first)
        #expect(request.method == .get)
        #expect(request.body == nil)
        #expect(
            request.url.description == "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
                + "&resource=https%3A%2F%2Fgraph.microsoft.us"
        )
        #expect(request.fields[HTTPField.Name("Metadata")!] == "true")
        #expect(request.repetition == .harmless)
    }

    @Test("AZURE_CLIENT_ID selects a user-assigned identity, and AZURE_POD_IDENTITY_AUTHORITY_HOST another address")
    func userAssigned() async throws {
        let transport = ScriptedTransport { _, _ in .json(.ok, Self.answer) }
        let environment = [
            "AZURE_CLIENT_ID": EntraConfiguration.exampleClient,
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://imds.test:80/",
        ]
        _ = try await source(environment, transport).requestGrant(claims: nil)
        let url = try #require(transport.requests.first?.url.description)
        #expect(url.hasPrefix("http://imds.test:80/metadata/identity/oauth2/token?"))
        #expect(url.hasSuffix("&client_id=\(EntraConfiguration.exampleClient)"))
    }

    @Test("App Service is asked at its endpoint, whatever that holds already, with its header")
    func appService() async throws {
        let transport = ScriptedTransport { _, _ in
            .json(.ok, #"{"access_token":"a.b.c","expires_on":"1586903600","resource":"r","token_type":"Bearer"}"#)
        }
        let environment = ["IDENTITY_ENDPOINT": "http://169.254.129.2:8081/msi/token?x=1", "IDENTITY_HEADER": "canary"]
        let source = try source(environment, transport)
        let grant = try await source.requestGrant(claims: nil)
        // expires_on less the present time.
        #expect(grant.lifetime == .seconds(3600))
        let request = try #require(transport.requests.first)
        #expect(
            request.url.description == "http://169.254.129.2:8081/msi/token?x=1&api-version=2019-08-01"
                + "&resource=https%3A%2F%2Fgraph.microsoft.us"
        )
        #expect(request.fields[HTTPField.Name("X-IDENTITY-HEADER")!] == "canary")
        #expect(request.fields[HTTPField.Name("Metadata")!] == nil)
        var dumped = ""
        dump(source.identity, to: &dumped)
        #expect(!dumped.contains("canary"))
    }

    @Test(
        "a token of two hours or more is renewed at half its life",
        arguments: [
            (#""expires_in":"86399""#, 86_399, 43_199.5), (#""expires_in":7200"#, 7200, 3600),
            (#""expires_in":"7199""#, 7199, nil), (#""expires_in":"86399","refresh_in":"40000""#, 86_399, 40_000),
            (#""expires_on":"1586986400""#, 86_400, 43_200), (#""x":1"#, 300, nil),
        ]
    )
    func renewal(members: String, seconds: Int, refresh: Double?) async throws {
        let transport = ScriptedTransport { _, _ in
            .json(.ok, #"{"access_token":"a.b.c","token_type":"Bearer",\#(members)}"#)
        }
        let grant = try await source([:], transport).requestGrant(claims: nil)
        #expect(grant.lifetime == .seconds(seconds))
        #expect(grant.refreshIn == refresh.map { .seconds($0) })
    }

    @Test(
        "a token that has ended already is a malformed answer",
        arguments: ["1586900000", "0", "-5", "99999999999999999999999"]
    )
    func ended(end: String) async throws {
        let transport = ScriptedTransport { _, _ in
            .json(.ok, #"{"access_token":"a.b.c","token_type":"Bearer","expires_on":"\#(end)"}"#)
        }
        let source = try source([:], transport)
        if end.count > 20 {
            #expect(try await source.requestGrant(claims: nil).lifetime == TokenGrant.maximumLifetime)
        } else {
            let error = try await #require(throws: EntraError.self) { try await source.requestGrant(claims: nil) }
            #expect(error.reason == .malformedAnswer)
        }
    }

    @Test(
        "404, 410, 429 and 5xx pass, another 4xx is the operator's",
        arguments: [
            (404, EntraError.Kind.unavailable), (408, .unavailable), (410, .unavailable), (429, .unavailable),
            (500, .unavailable), (503, .unavailable), (302, .unavailable), (400, .refused), (401, .refused),
            (403, .refused),
        ],
        [
            #"{"error":"invalid_request","error_description":"canary"}"#, #"{"statusCode":400,"message":"canary"}"#,
            "canary",
        ]
    )
    func errors(of status: (code: Int, kind: EntraError.Kind), body: String) async throws {
        let transport = ScriptedTransport { _, _ in
            .text(.init(code: status.code), body, fields: [.retryAfter: "7"])
        }
        let source = try source([:], transport)
        let error = try await #require(throws: EntraError.self) { try await source.requestGrant(claims: nil) }
        #expect(error.kind == status.kind)
        #expect(error.retryAfter == .seconds(7))
        #expect(error.oauthError == (body.contains("error_d") ? "invalid_request" : nil))
        #expect(error.detail.contains("\(status.code)"))
        #expect(!"\(error)".contains("canary"))
    }
}

@Suite("WorkloadIdentityCredential", .timeLimit(.minutes(5)))
struct WorkloadIdentityTests {
    @Test("the token is read anew for each request, without white space around it")
    func readAnew() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\n first.jwt.canary \n", to: "token")
        let transport = ScriptedTransport { _, _ in .granted() }
        let settings = SettingsReader(environment: [
            "AZURE_TENANT_ID": EntraConfiguration.exampleTenant, "AZURE_CLIENT_ID": EntraConfiguration.exampleClient,
            "AZURE_FEDERATED_TOKEN_FILE": path,
        ])
        let graph = try UpstreamURL("https://graph.microsoft.com/beta")
        let access = try #require(AccessConfiguration(settings, graphRoot: graph, cloud: .global))
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let inUse = access.credential(transport: transport, clock: ManualClock(), logger: logger)
        _ = try await inUse.source.requestGrant(claims: nil)
        try folder.write("second.jwt.canary", to: "token")
        _ = try await inUse.source.requestGrant(claims: nil)
        let bodies = transport.requests.map { $0.body.map { String(buffer: $0) } ?? "" }
        let type = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        #expect(bodies[0].hasSuffix("&\(type)&client_assertion=first.jwt.canary"))
        #expect(bodies[1].hasSuffix("&\(type)&client_assertion=second.jwt.canary"))
        #expect(!bodies[0].contains("client_secret"))
        #expect(inUse.facts.kind == .workloadIdentity && inUse.facts.origin == path)

        try folder.write("", to: "token")
        let error = try await #require(throws: EntraError.self) { try await inUse.source.requestGrant(claims: nil) }
        #expect(error.kind == .unavailable && error.detail.contains("AZURE_FEDERATED_TOKEN_FILE"))
        #expect(transport.requests.count == 2)
    }

    @Test("a new token in the file has one asked for; an operator's word only after a failure")
    func due() async throws {
        let folder = try TemporaryFolder()
        let credential = WorkloadIdentityCredential(file: FederatedTokenFile(path: folder.path("token")))
        await #expect(throws: EntraError.self) { try await credential.proof() }
        await credential.reload(.schedule)
        #expect(!credential.takeDueTrial())
        await credential.reload(.signal)
        #expect(credential.takeDueTrial())
        #expect(!credential.takeDueTrial())
        try folder.write("first.jwt", to: "token")
        await credential.accepted(try await credential.proof())
        await credential.reload(.signal)
        #expect(!credential.takeDueTrial())
        await credential.reload(.change)
        #expect(credential.takeDueTrial())
    }

    @Test("the file is watched while the gateway serves")
    func watched() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("token")
        let settings = SettingsReader(environment: [
            "AZURE_TENANT_ID": EntraConfiguration.exampleTenant, "AZURE_CLIENT_ID": EntraConfiguration.exampleClient,
            "AZURE_FEDERATED_TOKEN_FILE": try folder.write("first.jwt", to: "token"),
        ])
        let graph = try UpstreamURL("https://graph.microsoft.com/beta")
        let access = try #require(AccessConfiguration(settings, graphRoot: graph, cloud: .global))
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let transport = ScriptedTransport { _, _ in .granted() }
        let inUse = access.credential(transport: transport, clock: ManualClock(), logger: logger)
        let watched = try #require(inUse.watched)
        #expect(watched.files == [path])
        let (renewals, renewal) = AsyncStream.makeStream(of: Void.self)
        let watch = CredentialWatch(watched, signal: ReloadSignal(), clock: ManualClock(automatic: true)) {
            renewal.yield()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await watch.run() }
            // The watch may look for the first time only after one of these.
            group.addTask {
                for count in 1... {
                    _ = try? folder.write(String(repeating: "x", count: count), to: "token")
                    guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
                }
            }
            for await _ in renewals { break }
            group.cancelAll()
        }
    }
}
