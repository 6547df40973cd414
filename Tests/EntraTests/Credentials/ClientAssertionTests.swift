import CryptoExtras
import Foundation
import JWTKit
import Settings
import Testing
import Transport
import X509

@testable import Entra

@Suite("ClientAssertion", .timeLimit(.minutes(5)))
struct ClientAssertionTests {
    let folder: TemporaryFolder
    let now = Timestamp(secondsSince1970: 1_800_000_000)
    let assertion = ClientAssertion(
        audience: "https://login.example/t/oauth2/v2.0/token",
        client: "app",
        sendsChain: false
    )

    init() throws { folder = try TemporaryFolder() }

    func certificate(_ own: TestCertificate) throws -> ClientCertificate {
        let path = try folder.write(own.pem + own.keyPEM, to: "app.pem")
        return try ClientCertificateFile(path: path, password: nil).read(at: .now)
    }

    struct Claims: JWTPayload, Equatable {
        var aud: AudienceClaim
        var iss, sub, jti: String
        var nbf, iat, exp: Int

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    func parts(_ token: Secret) throws -> (header: [String: Any], claims: [String: Any], input: String, signature: Data)
    {
        let parts = token.reveal { $0.split(separator: ".").map(String.init) }
        #expect(parts.count == 3)
        #expect(parts.allSatisfy { !$0.contains("=") && !$0.contains("+") && !$0.contains("/") })
        func object(_ part: String) throws -> [String: Any] {
            let data = try #require(Data(base64URL: part))
            return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
        let signature = try #require(Data(base64URL: parts[2]))
        return (try object(parts[0]), try object(parts[1]), parts[0] + "." + parts[1], signature)
    }

    @Test("another implementation accepts the signature, and the claims are what Entra asks for")
    func verifiedByJWTKit() async throws {
        let own = try TestCertificate()
        let token = try assertion.signed(by: certificate(own), at: now)
        let keys = JWTKeyCollection()
        await keys.add(pss: try Insecure.RSA.PublicKey(backing: TestKeys.first.publicKey), digestAlgorithm: .sha256)
        let claims = try await keys.verify(token.reveal { $0 }, as: Claims.self)
        #expect(claims.aud.value == [assertion.audience])
        #expect(claims.iss == "app" && claims.sub == "app")
        #expect(GUID(claims.jti) != nil)
        #expect(claims.nbf == 1_799_999_940)
        #expect(claims.iat == claims.nbf)
        #expect(claims.exp == 1_800_000_300)

        let stranger = JWTKeyCollection()
        await stranger.add(
            pss: try Insecure.RSA.PublicKey(backing: TestKeys.second.publicKey),
            digestAlgorithm: .sha256
        )
        await #expect(throws: (any Error).self) { try await stranger.verify(token.reveal { $0 }, as: Claims.self) }
    }

    @Test("openssl accepts the signature as PS256, and the thumbprint is of the DER")
    func verifiedByOpenSSL() async throws {
        let own = try TestCertificate()
        let token = try parts(assertion.signed(by: certificate(own), at: now))
        #expect(token.header["alg"] as? String == "PS256")
        #expect(token.header["typ"] as? String == "JWT")
        #expect(token.header.keys.sorted() == ["alg", "typ", "x5t#S256"])
        let shown = try await OpenSSL.run("x509", "-in", folder.path("app.pem"), "-noout", "-fingerprint", "-sha256")
        let bytes = shown.split(separator: "=").last?.split(separator: ":").compactMap {
            UInt8($0.trimmingCharacters(in: .newlines), radix: 16)
        }
        let thumbprint = try #require(token.header["x5t#S256"] as? String)
        #expect(Data(base64URL: thumbprint) == Data(bytes ?? []))
        // One audience as a text: as a list it is malformed to Entra.
        #expect(token.claims["aud"] is String)

        let publicKey = try folder.write(TestKeys.first.publicKey.pemRepresentation, to: "public.pem")
        let verdict = try await OpenSSL.run(
            "dgst",
            "-sha256",
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
            "-verify",
            publicKey,
            "-signature",
            folder.write(token.signature, to: "signature"),
            folder.write(token.input, to: "input")
        )
        #expect(verdict.contains("Verified OK"))
    }

    @Test("each has an id of its own")
    func fresh() throws {
        let certificate = try certificate(TestCertificate())
        let ids = try (0..<3).map { _ in try parts(assertion.signed(by: certificate, at: now)).claims["jti"] as? String
        }
        #expect(Set(ids).count == 3)
    }

    @Test("the chain goes along when asked for, as base64 with padding, the app's certificate first")
    func chain() throws {
        let root = try TestCertificate(.init(TestKeys.second), name: "root")
        let own = try TestCertificate(issuer: ("root", root.key))
        let path = try folder.write(root.pem + own.pem + own.keyPEM, to: "app.pem")
        let certificate = try ClientCertificateFile(path: path, password: nil).read(at: .now)
        var assertion = assertion
        assertion.sendsChain = true
        let header = try parts(assertion.signed(by: certificate, at: now)).header
        let chain = try #require(header["x5c"] as? [String])
        #expect(chain.map { Data(base64Encoded: $0).map(Array.init) } == [try own.der, try root.der])
    }
}
