import Crypto
import CryptoExtras
import JWTKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The RSA key that access tokens are signed with, and what is published of it.
package struct SigningKey: Sendable {
    /// Made at the first use in this process and shared by its sandboxes, since making one takes long.
    package static let ofThisProcess = Result { try SigningKey() }

    let privateKey: JWTKit.Insecure.RSA.PrivateKey
    /// The key's name in tokens and in the published set.
    let id: String
    /// RFC 7517, as Entra publishes its keys.
    let jwk: JSONValue

    /// A new key of 2048 bits.
    package init() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let primitives = try key.publicKey.getKeyPrimitives()
        privateKey = try JWTKit.Insecure.RSA.PrivateKey(backing: key)
        id = Base64.url(Array(SHA256.hash(data: key.publicKey.derRepresentation)))
        jwk = [
            "kty": "RSA",
            "use": "sig",
            "kid": .string(id),
            "alg": "RS256",
            "n": .string(Base64.url(primitives.modulus)),
            "e": .string(Base64.url(primitives.publicExponent)),
        ]
    }
}
