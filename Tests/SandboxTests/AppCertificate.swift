import Crypto
import Foundation
import JWTKit
import SwiftASN1
import X509

@testable import Sandbox

/// A certificate of the app with its key, and the assertions that it signs with it.
struct AppCertificate: Sendable {
    /// Made once: an RSA key takes its time.
    static let shared = Result { try AppCertificate() }
    /// Another of the same app, with a key of its own.
    static let other = Result { try AppCertificate() }

    let key: JWTKit.Insecure.RSA.PrivateKey
    let pem: String
    let der: [UInt8]

    /// Self-signed, as apps have them; valid from yesterday to `end`.
    init(
        key: JWTKit.Insecure.RSA.PrivateKey? = nil,
        until end: Date = .now.addingTimeInterval(365 * 86_400)
    ) throws {
        self.key = try key ?? SigningKey().privateKey
        let signer = try Certificate.PrivateKey(pemEncoded: self.key.pemRepresentation)
        let certificate = try Self.certificate(signer, until: end)
        pem = try certificate.serializeAsPEM().pemString
        der = try certificate.der()
    }

    static func certificate(_ key: Certificate.PrivateKey, until end: Date) throws -> Certificate {
        let name = try DistinguishedName { CommonName("enrollment-gateway") }
        return try Certificate(
            version: .v3,
            serialNumber: SandboxAuthority.serialNumber(),
            publicKey: key.publicKey,
            notValidBefore: min(end, .now).addingTimeInterval(-86_400),
            notValidAfter: end,
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions(),
            issuerPrivateKey: key
        )
    }

    var registered: RegisteredCertificate {
        get throws { try RegisteredCertificate(pem: pem) }
    }

    var thumbprint: String { Base64.url(Array(SHA256.hash(data: der))) }
    var legacyThumbprint: String { Base64.url(Array(Crypto.Insecure.SHA1.hash(data: der))) }

    /// What the assertion claims.
    struct Claims: JWTPayload {
        var aud: String?
        var iss: String? = SandboxConfiguration.defaultClientID
        var sub: String? = SandboxConfiguration.defaultClientID
        var jti: String? = UUID().uuidString
        var nbf: Int64?
        var exp: Int64?

        /// Good ones, for a token endpoint.
        init(_ client: SandboxClient) {
            aud = "\(client.address.baseURL)/\(SandboxConfiguration.defaultTenantID)/oauth2/v2.0/token"
            nbf = client.store.now.secondsSince1970
            exp = client.store.now.secondsSince1970 + 600
        }

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    /// An assertion signed with PS256; with `header` instead of the usual one.
    func assertion(_ claims: Claims, header: JWTHeader? = nil) async throws -> String {
        let keys = await JWTKeyCollection().add(pss: key, digestAlgorithm: .sha256)
        return try await keys.sign(claims, header: header ?? ["x5t#S256": .string(thumbprint)])
    }

    /// One as clients of earlier days sign it: RS256 and SHA-1.
    func legacyAssertion(_ claims: Claims) async throws -> String {
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        return try await keys.sign(claims, header: ["x5t": .string(legacyThumbprint)])
    }
}

extension SandboxClient {
    /// Asks for an access token with an assertion instead of the secret.
    func askToken(assertion: String, _ changes: [String: String?] = [:]) async throws -> HTTPConversation {
        let own: [String: String?] = [
            "client_secret": nil, "client_assertion_type": ClientAuthentication.assertionType,
            "client_assertion": assertion,
        ]
        return try await askToken(own.merging(changes) { $1 })
    }
}
