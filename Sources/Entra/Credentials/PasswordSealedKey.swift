import CryptoExtras
import Foundation
import SwiftASN1

/// An encrypted private key of the form that writers use today: PBES2 with PBKDF2 and AES-CBC (RFC 8018 §6.2, RFC 5958 §3).
///
/// NIOSSL opens older forms too, but takes no password beyond ASCII.
struct PasswordSealedKey {
    private let salt: [UInt8]
    private let iterations: Int
    private let hash: KDF.Insecure.PBKDF2.HashFunction
    private let keyBytes: Int
    private let vector: [UInt8]
    private let sealed: [UInt8]

    /// `nil` for any other form.
    init?(der: [UInt8]) {
        guard let parts = (try? DER.parse(der))?.parts, parts.count == 2, let scheme = parts[0].parts,
            scheme.count == 2,
            scheme[0].identifierValue == [1, 2, 840, 113_549, 1, 5, 13], let means = scheme[1].parts, means.count == 2,
            let derivation = means[0].parts, derivation.count == 2,
            derivation[0].identifierValue == [1, 2, 840, 113_549, 1, 5, 12],
            let choices = derivation[1].parts, choices.count >= 2, let salt = choices[0].octets,
            let iterations = try? Int(derEncoded: choices[1]), 1...PFXCode.mostIterations ~= iterations,
            let cipher = means[1].parts, cipher.count == 2, let keyBytes = Self.keyBytes(of: cipher[0].identifierValue),
            let vector = cipher[1].octets, let sealed = parts[1].octets
        else { return nil }
        // Between them a length may stand, which the cipher says as well; without a function it is SHA-1.
        let function = choices.dropFirst(2).last?.parts?.first?.identifierValue
        guard let hash = Self.hash(of: function ?? [1, 2, 840, 113_549, 2, 7]) else { return nil }
        self.hash = hash
        self.salt = salt
        self.iterations = iterations
        self.keyBytes = keyBytes
        self.vector = vector
        self.sealed = sealed
    }

    /// The key as PKCS#8.
    func opened(by password: [UInt8]) throws -> [UInt8] {
        let key = try KDF.Insecure.PBKDF2.deriveKey(
            from: password,
            salt: salt,
            using: hash,
            outputByteCount: keyBytes,
            unsafeUncheckedRounds: iterations
        )
        return Array(try AES._CBC.decrypt(sealed, using: key, iv: AES._CBC.IV(ivBytes: vector)))
    }

    private static func keyBytes(of cipher: ASN1ObjectIdentifier?) -> Int? {
        switch cipher {
        case [2, 16, 840, 1, 101, 3, 4, 1, 2]: 16
        case [2, 16, 840, 1, 101, 3, 4, 1, 22]: 24
        case [2, 16, 840, 1, 101, 3, 4, 1, 42]: 32
        default: nil
        }
    }

    private static func hash(of function: ASN1ObjectIdentifier) -> KDF.Insecure.PBKDF2.HashFunction? {
        switch function {
        case [1, 2, 840, 113_549, 2, 7]: .insecureSHA1
        case [1, 2, 840, 113_549, 2, 9]: .sha256
        case [1, 2, 840, 113_549, 2, 10]: .sha384
        case [1, 2, 840, 113_549, 2, 11]: .sha512
        default: nil
        }
    }
}

extension ASN1Node {
    fileprivate var parts: [ASN1Node]? {
        guard case .constructed(let nodes) = content else { return nil }
        return Array(nodes)
    }

    fileprivate var identifierValue: ASN1ObjectIdentifier? { try? ASN1ObjectIdentifier(derEncoded: self) }
    fileprivate var octets: [UInt8]? { (try? ASN1OctetString(derEncoded: self)).map { Array($0.bytes) } }
}
