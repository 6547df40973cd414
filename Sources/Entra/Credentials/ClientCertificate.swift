import Crypto
import CryptoExtras
import Foundation
import Transport
import X509

/// A certificate with its RSA key, by which the gateway signs that it is the app registration.
///
/// The key cannot be printed, interpolated, dumped or reflected upon, and is not handed out: it signs, and that is all.
package struct ClientCertificate: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let facts: CertificateFacts
    /// DER, the leaf first, and then each one's issuer as far as the file has it.
    let chain: [[UInt8]]
    private let key: _RSA.Signing.PrivateKey

    init(facts: CertificateFacts, chain: [[UInt8]], key: _RSA.Signing.PrivateKey) {
        self.facts = facts
        self.chain = chain
        self.key = key
    }

    package var description: String { "certificate \(facts.sha1)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }

    /// RSASSA-PSS with SHA-256 and a salt as long as the digest: PS256 (RFC 7518 §3.5).
    func signature(of text: String) throws -> Data {
        try key.signature(for: SHA256.hash(data: Data(text.utf8)), padding: .PSS).rawRepresentation
    }
}

/// A certificate and the DER that it was read from, of which thumbprints are made.
struct CertificateRecord {
    let der: [UInt8]
    let certificate: Certificate

    var facts: CertificateFacts {
        CertificateFacts(
            sha1: hexadecimal(Insecure.SHA1.hash(data: der)),
            sha256: hexadecimal(SHA256.hash(data: der)),
            notBefore: Timestamp(secondsSince1970: certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Timestamp(secondsSince1970: certificate.notValidAfter.timeIntervalSince1970)
        )
    }

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
