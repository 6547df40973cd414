import Crypto
import NIOCore
import NIOSSL
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The certificate authority of one sandbox. It lives as long as the sandbox: its key is never written down, so that nobody
/// can make certificates that those who trust a sandbox would believe.
struct SandboxAuthority: Sendable {
    /// Valid from so long before its start, for clients whose clocks are behind.
    static let backdating: TimeInterval = 24 * 3600
    /// Valid for so long from its start. Some clients accept no server certificate of more than 398 days.
    static let lifetime: TimeInterval = 390 * 24 * 3600

    /// The authority's certificate, PEM (RFC 7468).
    let pem: String

    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    private let validity: Range<Date>
    private let keyID: SubjectKeyIdentifier

    /// A new authority, with a name of its own: a certificate of an earlier start is not mistaken for this one's.
    init(startedAt now: Date = .now) throws {
        let number = String(UInt32.random(in: .min ... .max), radix: 16, uppercase: false)
        let name = try DistinguishedName {
            OrganizationName("Enrollment gateway sandbox")
            CommonName("Sandbox authority \(number)")
        }
        self.name = name
        validity = now.addingTimeInterval(-Self.backdating)..<now.addingTimeInterval(Self.lifetime)
        let keyID = SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
        self.keyID = keyID
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Self.serialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                keyID
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        pem = try certificate.serializeAsPEM().pemString + "\n"
    }

    /// Positive, and of at most 20 octets whatever its first bit (RFC 5280 §4.1.2.2).
    static func serialNumber() -> Certificate.SerialNumber {
        Certificate.SerialNumber(bytes: [0x53] + (0..<15).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// TLS 1.2 and later, with a certificate of this authority for all of `names`.
    func serverConfiguration(for names: [HostName]) throws -> TLSConfiguration {
        let serverKey = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Self.serialNumber(),
            publicKey: Certificate.PublicKey(serverKey.publicKey),
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: DistinguishedName { CommonName("graph-sandbox") },
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map(\.generalName))
                SubjectKeyIdentifier(hash: Certificate.PublicKey(serverKey.publicKey))
                AuthorityKeyIdentifier(keyIdentifier: keyID.keyIdentifier)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate.der(), format: .der))],
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(serverKey.derRepresentation), format: .der)
            )
        )
        configuration.minimumTLSVersion = .tlsv12
        // Many clients do not answer a goodbye (close_notify): the socket is closed soon after ours, as servers do.
        configuration.shutdownTimeout = .milliseconds(50)
        return configuration
    }
}

extension Certificate {
    /// The certificate's bytes (X.690).
    func der() throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(self)
        return serializer.serializedBytes
    }
}
