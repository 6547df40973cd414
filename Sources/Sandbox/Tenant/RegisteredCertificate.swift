import Crypto
import CryptoExtras
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A certificate that is registered for the app: what it shows an assertion for instead of a secret.
package struct RegisteredCertificate: Sendable, Equatable {
    /// Why a text is none; the rest of a sentence about it.
    package enum Defect: String, Error {
        case missing = "holds no certificate in PEM"
        case unreadable = "holds a certificate that cannot be read"
        case notRSA = "holds a certificate whose key is not RSA"
    }

    let der: [UInt8]
    /// SHA-256 of the certificate: `x5t#S256` (RFC 7515 §4.1.8).
    let thumbprint: [UInt8]
    /// SHA-1 of the certificate: `x5t` (RFC 7515 §4.1.7).
    let legacyThumbprint: [UInt8]
    let key: _RSA.Signing.PublicKey
    /// Seconds since 1970, both included (RFC 5280 §4.1.2.5).
    let validity: ClosedRange<Int64>

    /// The first certificate in the text; whatever else it holds, such as the private key, is passed over.
    package init(pem: String) throws(Defect) {
        let documents = (try? PEMDocument.parseMultiple(pemString: pem)) ?? []
        guard let document = documents.first(where: { $0.discriminator == Certificate.defaultPEMDiscriminator }) else {
            throw .missing
        }
        guard let certificate = try? Certificate(pemDocument: document) else { throw .unreadable }
        guard let key = _RSA.Signing.PublicKey(certificate.publicKey) else { throw .notRSA }
        let begin = Int64(certificate.notValidBefore.timeIntervalSince1970)
        let end = Int64(certificate.notValidAfter.timeIntervalSince1970)
        guard begin <= end else { throw .unreadable }
        self.key = key
        validity = begin...end
        der = document.derBytes
        thumbprint = Array(SHA256.hash(data: der))
        legacyThumbprint = Array(Insecure.SHA1.hash(data: der))
    }

    package static func == (left: Self, right: Self) -> Bool { left.der == right.der }

    /// The thumbprint as it is written in an assertion.
    package var writtenThumbprint: String { Base64.url(thumbprint) }
}
