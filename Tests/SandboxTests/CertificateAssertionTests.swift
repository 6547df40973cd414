import Crypto
import Foundation
import JWTKit
import NIOCore
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import Sandbox

@Suite("The sandbox's check of certificate assertions", .timeLimit(.minutes(5)))
struct CertificateAssertionTests {
    /// A sandbox whose app has the certificate.
    private static func withSandbox(
        _ certificate: AppCertificate,
        _ body: @escaping @Sendable (SandboxClient, AppCertificate) async throws -> Void
    ) async throws {
        var configuration = SandboxConfiguration()
        configuration.certificates = [try certificate.registered]
        try await SandboxClient.withSandbox(configuration) { try await body($0, certificate) }
    }

    private static func expect(_ answer: HTTPConversation, _ status: Int, _ error: String, _ code: Int64) {
        #expect(answer.status == status)
        #expect(answer.json["error"] == .string(error))
        #expect(answer.json["error_codes"] == [.integer(code)])
    }

    @Test("a good assertion gets an access token that Graph takes, and may be sent twice while it lives")
    func good() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let assertion = try await certificate.assertion(.init(client))
            for _ in 0..<2 {
                let answer = try await client.askToken(assertion: assertion)
                #expect(answer.status == 200)
                let token = try #require(answer.json.text(of: "access_token"))
                #expect(CompactJWS(token)?.claims["appidacr"] == "2")
                #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            }
        }
    }

    @Test(
        "a key, a certificate and an assertion that OpenSSL made are good, also padded as azure-identity for Python does it",
        .enabled(if: hasOpenSSL, "openssl is not installed"),
        arguments: [false, true]
    )
    func openSSL(isPadded: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.openSSL(
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=gateway -days 3",
            in: folder
        )
        let files = try ["key.pem", "certificate.pem"].map {
            try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
        }
        try Self.openSSL("x509 -in certificate.pem -outform DER -out certificate.der", in: folder)
        try Self.openSSL("dgst -sha256 -binary -out thumbprint certificate.der", in: folder)
        var configuration = SandboxConfiguration()
        // The private key stands before it, as in the file that a client is given.
        configuration.certificates = [try RegisteredCertificate(pem: files.joined())]
        try await SandboxClient.withSandbox(configuration) { client in
            let encoded = { (bytes: Data) in
                isPadded
                    ? Base64.standard(bytes).replacing("+", with: "-").replacing("/", with: "_") : Base64.url(bytes)
            }
            let thumbprint = encoded(try Data(contentsOf: folder.appending(path: "thumbprint")))
            // As long as leaves something to pad.
            let header = Data(#"{"alg":"PS256","typ":"JWT","x5t#S256":"\#(thumbprint)"}"#.utf8)
            let space = Data(repeating: UInt8(ascii: " "), count: (4 - header.count % 3) % 3)
            let signed = try
                "\(encoded(header + space)).\(encoded(JSONEncoder().encode(AppCertificate.Claims(client))))"
            #expect(signed.contains("=") == isPadded)
            try Data(signed.utf8).write(to: folder.appending(path: "signed"))
            try Self.openSSL(
                """
                dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign key.pem -out signature signed
                """,
                in: folder
            )
            let signature = encoded(try Data(contentsOf: folder.appending(path: "signature")))
            #expect(try await client.askToken(assertion: "\(signed).\(signature)").status == 200)
        }
    }

    private static var hasOpenSSL: Bool {
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + "/openssl")
        }
    }

    private static func openSSL(_ arguments: String, in folder: URL) throws {
        let command = ["-C", folder.path, "openssl"] + arguments.split(separator: " ").map(String.init)
        #expect(try ChildProgram("/usr/bin/env", command).wait() == .exit(0))
    }

    @Test("the assertion of earlier days, RS256 with a SHA-1 thumbprint, is good")
    func legacy() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let assertion = try await certificate.legacyAssertion(.init(client))
            #expect(try await client.askToken(assertion: assertion).status == 200)
        }
    }

    @Test("the thumbprint may be in either alphabet, padded or not, and the certificate may come along")
    func spellings() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let digest = Array(SHA256.hash(data: certificate.der))
            let chain = JWTHeaderField.array([.string(certificate.pem)])
            let headers: [JWTHeader] = [
                ["x5t#S256": .string(Base64.standard(digest))],
                ["x5t#S256": .string(certificate.thumbprint + "=")],
                ["x5t#S256": .string(certificate.thumbprint), "x5c": chain],
                ["x5c": chain],
            ]
            for header in headers {
                let assertion = try await certificate.assertion(.init(client), header: header)
                #expect(try await client.askToken(assertion: assertion).status == 200, "\(header)")
            }
        }
    }

    @Test("a certificate that is not registered is 700027, whichever way it is named")
    func unregistered() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let other = try AppCertificate.other.get()
            let chain = JWTHeaderField.array([.string(other.pem)])
            let headers: [JWTHeader] = [
                ["x5t#S256": .string(other.thumbprint)], ["x5c": chain], [:],
                ["x5t#S256": .string(certificate.thumbprint), "x5c": chain],
                ["x5t#S256": .string(certificate.thumbprint), "x5t": .string(other.legacyThumbprint)],
            ]
            for header in headers {
                let answer = try await client.askToken(
                    assertion: other.assertion(.init(client), header: header)
                )
                Self.expect(answer, 401, "invalid_client", 700027)
                #expect(answer.text.contains("is not registered on application"))
            }
        }
    }

    @Test("the signature of another key is 700027, also when the thumbprint is right")
    func badSignature() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let other = try AppCertificate.other.get()
            let header: JWTHeader = ["x5t#S256": .string(certificate.thumbprint)]
            let forged = try await other.assertion(.init(client), header: header)
            let answer = try await client.askToken(assertion: forged)
            Self.expect(answer, 401, "invalid_client", 700027)
            #expect(answer.text.contains("failed signature validation"))

            // The signature of one assertion under the claims of another.
            var claims = AppCertificate.Claims(client)
            let first = try await certificate.assertion(claims).split(separator: ".")
            claims.jti = "another"
            let second = try await certificate.assertion(claims).split(separator: ".")
            let mixed = "\(second[0]).\(second[1]).\(first[2])"
            Self.expect(try await client.askToken(assertion: mixed), 401, "invalid_client", 700027)
            #expect(client.store.counters[.token].effective == 0)
        }
    }

    @Test("an assertion lives from its nbf to its exp, with five minutes for clocks that differ")
    func times() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let now = client.store.now.secondsSince1970
            let lives: [(begin: Int64?, end: Int64, good: Bool)] = [
                (nil, now + 600, true), (now, now - 200, true), (now, now - 400, false), (now + 200, now + 600, true),
                (now + 400, now + 900, false),
            ]
            for life in lives {
                var claims = AppCertificate.Claims(client)
                (claims.nbf, claims.exp) = (life.begin, life.end)
                let answer = try await client.askToken(assertion: certificate.assertion(claims))
                guard !life.good else {
                    #expect(answer.status == 200)
                    continue
                }
                Self.expect(answer, 401, "invalid_client", 700024)
            }
            let early = try await certificate.assertion(.init(client))
            client.store.advanceClock(bySeconds: 1000)
            Self.expect(try await client.askToken(assertion: early), 401, "invalid_client", 700024)
        }
    }

    @Test("an expired certificate is 1000502, by the sandbox's clock")
    func expiredCertificate() async throws {
        let certificate = try AppCertificate(
            key: AppCertificate.shared.get().key,
            until: .now.addingTimeInterval(86_400)
        )
        try await Self.withSandbox(certificate) { client, certificate in
            #expect(try await client.askToken(assertion: certificate.assertion(.init(client))).status == 200)
            client.store.advanceClock(bySeconds: 2 * 86_400)
            let answer = try await client.askToken(assertion: certificate.assertion(.init(client)))
            Self.expect(answer, 401, "invalid_client", 1_000_502)
        }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var name: String
        var status = 401
        var error = "invalid_client"
        var code: Int64
        var apply: @Sendable (inout AppCertificate.Claims) -> Void
        var testDescription: String { name }
    }

    @Test(
        "claims that are not so are refused with their number",
        arguments: [
            Change(name: "issuer and subject of another app", code: 700021) {
                ($0.iss, $0.sub) = ("99999999-2222-4222-8222-222222222222", "99999999-2222-4222-8222-222222222222")
            },
            Change(name: "subject that is not the issuer", code: 50048) { $0.sub = "somebody" },
            Change(name: "another tenant's endpoint", code: 700023) {
                $0.aud = $0.aud?.replacing("11111111-1111", with: "99999999-1111")
            },
            Change(name: "another host", code: 700023) { $0.aud = $0.aud?.replacing("127.0.0.1", with: "localhost") },
            Change(name: "no audience", status: 400, error: "invalid_request", code: 50027) { $0.aud = nil },
            Change(name: "no issuer", status: 400, error: "invalid_request", code: 50027) { $0.iss = nil },
            Change(name: "no identifier", status: 400, error: "invalid_request", code: 50027) { $0.jti = nil },
            Change(name: "no end", status: 400, error: "invalid_request", code: 50027) { $0.exp = nil },
        ]
    )
    func claims(_ change: Change) async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            var claims = AppCertificate.Claims(client)
            change.apply(&claims)
            let answer = try await client.askToken(assertion: certificate.assertion(claims))
            Self.expect(answer, change.status, change.error, change.code)
        }
    }

    @Test("the tenant's issuer is an audience too, and so is the endpoint under the name that was asked")
    func audiences() async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            var claims = AppCertificate.Claims(client)
            claims.aud = "\(client.address.baseURL)/\(SandboxConfiguration.defaultTenantID)/v2.0"
            #expect(try await client.askToken(assertion: certificate.assertion(claims)).status == 200)

            claims.aud =
                "http://login.microsoftonline.com/\(SandboxConfiguration.defaultTenantID)/oauth2/v2.0/token"
            let form =
                "client_id=\(SandboxConfiguration.defaultClientID)&grant_type=client_credentials"
                + "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
                + "&client_assertion_type=\(SandboxClient.encoded(ClientAuthentication.assertionType))"
                + "&client_assertion=\(try await certificate.assertion(claims))"
            let request = """
                POST /\(SandboxConfiguration.defaultTenantID)/oauth2/v2.0/token HTTP/1.1\r\n\
                Host: login.microsoftonline.com\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)
                """
            #expect(try await HTTPConversation.hold(request, with: client.address).status == 200)
        }
    }

    @Test(
        "headers that Entra does not take are refused with their number",
        arguments: [
            (#"{"alg":"none"}"#, Int64(5_002_730)), (#"{"alg":"HS256"}"#, 5_002_730), (#"{"alg":"ES256"}"#, 5_002_730),
            (#"{"alg":"PS256","typ":"at+jwt"}"#, 5_002_727), (#"{"alg":"PS256","crit":["b64"]}"#, 50027),
            (#"["PS256"]"#, 50027),
        ]
    )
    func headers(_ header: String, _ code: Int64) async throws {
        try await Self.withSandbox(AppCertificate.shared.get()) { client, certificate in
            let parts = try await certificate.assertion(.init(client)).split(separator: ".")
            let changed = "\(Base64.url(Array(header.utf8))).\(parts[1]).\(parts[2])"
            Self.expect(try await client.askToken(assertion: changed), 400, "invalid_request", code)
        }
    }

    @Test("certificates are replaced through the control endpoint, and shown by their thumbprints")
    func control() async throws {
        try await SandboxClient.withSandbox { client in
            let (first, second) = (try AppCertificate.shared.get(), try AppCertificate.other.get())
            for certificate in [first, second] {
                let list = JSONValue.object([
                    .init(name: "certificates", value: [.string(certificate.pem)])
                ])
                let answer = try await client.control("POST", "tenant", list.text)
                #expect(answer.status == 200)
                guard case .array(let shown) = answer.json["certificates"] else {
                    Issue.record("no certificates: \(answer.body)")
                    return
                }
                #expect(shown.map { $0["x5t#S256"] } == [.string(certificate.thumbprint)])
            }
            #expect(try await client.askToken(assertion: first.assertion(.init(client))).status == 401)
            #expect(try await client.askToken(assertion: second.assertion(.init(client))).status == 200)
        }
    }

    @Test("a certificate whose key is not RSA cannot be registered")
    func ellipticCurve() throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let pem = try AppCertificate.certificate(key, until: .now.addingTimeInterval(3600)).serializeAsPEM().pemString
        #expect(throws: RegisteredCertificate.Defect.notRSA) { try RegisteredCertificate(pem: pem) }
    }
}
