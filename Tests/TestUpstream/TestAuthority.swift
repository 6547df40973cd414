import Crypto
package import Foundation
import NIOCore
package import NIOSSL
import SwiftASN1
import X509

/// A certificate authority of the tests' own, with its certificate in a file.
package final class TestAuthority: Sendable {
    /// The authority's certificate, PEM.
    package let path: String
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName

    package init() throws {
        let id = UUID().uuidString
        path = FileManager.default.temporaryDirectory.appending(path: "authority-\(id).pem").path
        name = try DistinguishedName { CommonName("Test authority \(id)") }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: .now.addingTimeInterval(-3600),
            notValidAfter: .now.addingTimeInterval(3600),
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        try certificate.serializeAsPEM().pemString.write(toFile: path, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A server's TLS with a certificate of this authority for `host`: a name, or the address 127.0.0.1.
    package func serverContext(
        host: String = "127.0.0.1",
        protocols: [String] = ["h2"],
        expired: Bool = false,
        newestVersion: TLSVersion? = nil
    ) throws -> NIOSSLContext {
        let (pem, keyPEM) = try identity(host: host, endsIn: expired ? -60 : 3600)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem))
        )
        configuration.applicationProtocols = protocols
        // libcurl does not answer a goodbye on an idle connection.
        configuration.shutdownTimeout = .milliseconds(50)
        if let newestVersion {
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = newestVersion
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// A certificate of this authority for `host`, and its key, PEM both.
    ///
    /// - Parameters:
    ///   - beginsIn: seconds from now.
    ///   - endsIn: seconds from now.
    package func identity(
        host: String = "127.0.0.1",
        beginsIn: TimeInterval = -3600,
        endsIn: TimeInterval = 3600
    ) throws -> (certificate: String, key: String) {
        let leafKey = P256.Signing.PrivateKey()
        let address = ASN1OctetString(contentBytes: [127, 0, 0, 1])
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(leafKey.publicKey),
            notValidBefore: .now.addingTimeInterval(beginsIn),
            notValidAfter: .now.addingTimeInterval(endsIn),
            issuer: name,
            subject: DistinguishedName { CommonName("Test server") },
            extensions: Certificate.Extensions {
                SubjectAlternativeNames([host == "127.0.0.1" ? .ipAddress(address) : .dnsName(host)])
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        return (try leaf.serializeAsPEM().pemString + "\n", leafKey.pemRepresentation + "\n")
    }
}
