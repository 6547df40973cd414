import Crypto
import CryptoExtras
import JWTKit
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An RSA key that tokens are signed with, and what is published of it.
package struct SigningKey: Sendable {
    /// The key of access tokens. Made at the first use in this process and shared by its sandboxes, since making one takes long.
    package static let ofThisProcess = Result { try SigningKey() }

    let privateKey: JWTKit.Insecure.RSA.PrivateKey
    let publicKey: _RSA.Signing.PublicKey
    /// The key's name in tokens and in the published set: Entra's is the thumbprint of its certificate.
    let id: String
    /// RFC 7517, as Entra publishes its keys.
    let jwk: JSONValue

    /// A new key of 2048 bits.
    package init() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let primitives = try key.publicKey.getKeyPrimitives()
        let certificate = try Self.certificate(of: key)
        publicKey = key.publicKey
        privateKey = try JWTKit.Insecure.RSA.PrivateKey(backing: key)
        id = Base64.url(Array(Crypto.Insecure.SHA1.hash(data: certificate)))
        jwk = [
            "kty": "RSA",
            "use": "sig",
            "kid": .string(id),
            "x5t": .string(id),
            "n": .string(Base64.url(primitives.modulus)),
            "e": .string(Base64.url(primitives.publicExponent)),
            "x5c": [.string(Base64.standard(certificate))],
            "alg": "RS256",
        ]
    }

    /// A certificate of the key by itself, DER: there is nobody to vouch for it.
    private static func certificate(of key: _RSA.Signing.PrivateKey) throws -> [UInt8] {
        let name = try DistinguishedName { CommonName("Sandbox tokens") }
        return try Certificate(
            version: .v3,
            serialNumber: SandboxAuthority.serialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: Date.now.addingTimeInterval(-SandboxAuthority.backdating),
            notValidAfter: Date.now.addingTimeInterval(SandboxAuthority.lifetime),
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions(),
            issuerPrivateKey: Certificate.PrivateKey(key)
        ).der()
    }
}
