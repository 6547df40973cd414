import Crypto
import Entra
import Foundation
import NIOCore
import NIOSSL
package import Settings
import SwiftASN1
import Transport
import X509

/// The files of the certificate that callers are shown, and of its private key: PEM both, or one file that holds both.
package struct CallerCertificateFiles: Sendable, Equatable {
    static let certificateSetting = "HTTP_TLS_CERTIFICATE_PATH"
    static let keySetting = "HTTP_TLS_PRIVATE_KEY_PATH"
    /// A chain has some 10 KiB.
    static let largest = 1 << 20

    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Reads `HTTP_TLS_CERTIFICATE_PATH` and `HTTP_TLS_PRIVATE_KEY_PATH`; `nil` without them, and where one is missing.
    init?(_ settings: SettingsReader) {
        switch (settings.text(Self.certificateSetting), settings.text(Self.keySetting)) {
        case (nil, nil):
            return nil
        case (let certificate?, let key?):
            self.init(certificate: certificate, key: key)
        case (_?, nil):
            settings.report(
                Self.keySetting,
                "\(Self.certificateSetting) is given without it",
                fix: "Name the file of the certificate's private key; it may be the same file"
            )
            return nil
        case (nil, _?):
            settings.report(
                Self.certificateSetting,
                "\(Self.keySetting) is given without it",
                fix: "Name the file of the certificate and its chain"
            )
            return nil
        }
    }

    /// Reads and checks them. A certificate that is not valid now is one all the same.
    ///
    /// - Throws: ``SettingsProblem`` in words for the operator. It quotes nothing of what was read.
    package func read() throws(SettingsProblem) -> CallerCertificate {
        let chain = try certificates()
        let key = try privateKey()
        guard let place = chain.firstIndex(where: { $0.certificate.publicKey == key.public }) else {
            throw SettingsProblem(
                Self.keySetting,
                "the private key does not belong to any certificate in the file that \(Self.certificateSetting) names",
                fix: "Give a certificate and its own key"
            )
        }
        // The certificate itself comes first on the wire (RFC 8446 §4.4.2), wherever it stands in the file.
        var ordered = chain
        ordered.insert(ordered.remove(at: place), at: 0)
        return CallerCertificate(
            chain: ordered.flatMap { Array($0.text.utf8) },
            key: Array(key.text.utf8),
            facts: Self.facts(ordered[0])
        )
    }

    private struct Link {
        let text: String
        let der: [UInt8]
        let certificate: Certificate
    }

    private func certificates() throws(SettingsProblem) -> [Link] {
        let blocks = try blocks(of: certificate, Self.certificateSetting).filter(\.isCertificate)
        guard !blocks.isEmpty else {
            throw SettingsProblem(
                Self.certificateSetting,
                "there is no certificate in the file that it names",
                fix: "Give a PEM file with the certificate and, after it, those of its issuers"
            )
        }
        var chain: [Link] = []
        for (number, block) in blocks.enumerated() {
            // As the ones do that put it in force.
            guard let der = block.der, let certificate = try? Certificate(derEncoded: der),
                (try? NIOSSLCertificate(bytes: der, format: .der)) != nil
            else {
                throw SettingsProblem(
                    Self.certificateSetting,
                    "certificate \(number + 1) of \(blocks.count) in the file that it names is damaged",
                    fix: "Put a whole one into it"
                )
            }
            let text = PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
            chain.append(Link(text: text, der: der, certificate: certificate))
        }
        return chain
    }

    private func privateKey() throws(SettingsProblem) -> (text: String, public: Certificate.PublicKey) {
        let keys = try blocks(of: key, Self.keySetting).filter(\.isPrivateKey)
        guard let block = keys.first, keys.count == 1 else {
            throw SettingsProblem(
                Self.keySetting,
                keys.isEmpty
                    ? "there is no private key in the file that it names"
                    : "there are \(keys.count) private keys in the file that it names",
                fix: "Give a PEM file with the certificate's private key"
            )
        }
        guard !block.isEncrypted else {
            throw SettingsProblem(
                Self.keySetting,
                "the private key is encrypted",
                fix: "Decrypt it (openssl pkey -in key.pem), and let nobody else read the file"
            )
        }
        // As the ones do that put it in force: a key for RSA, or on the curves P-256, P-384 and P-521.
        guard let key = try? Certificate.PrivateKey(pemEncoded: block.text),
            let der = try? key.serializeAsPEM().derBytes, (try? NIOSSLPrivateKey(bytes: der, format: .der)) != nil
        else {
            throw SettingsProblem(
                Self.keySetting,
                "the private key is damaged, or of a kind that cannot be used",
                fix: "Give an RSA key, or one on the curve P-256 or P-384"
            )
        }
        return (block.text, key.publicKey)
    }

    private func blocks(of path: String, _ setting: String) throws(SettingsProblem) -> [PEMBlock] {
        let bytes: Data
        do throws(SecretFault) {
            bytes = try SecretFile(path).contents(upTo: Self.largest)
        } catch {
            throw SettingsProblem(setting, error.reason, fix: error.fix ?? "Name a PEM file that the gateway may read")
        }
        return PEMBlock.all(in: String(decoding: bytes, as: UTF8.self))
    }

    private static func facts(_ link: Link) -> CallerCertificate.Facts {
        let names = (try? link.certificate.extensions.subjectAlternativeNames)?.compactMap { name -> String? in
            switch name {
            case .dnsName(let text): text
            case .ipAddress(let octets):
                try? SocketAddress(packedIPAddress: ByteBuffer(bytes: octets.bytes), port: 0).ipAddress
            default: nil
            }
        }
        return CallerCertificate.Facts(
            sha256: SHA256.hash(data: link.der).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
                .joined(),
            names: names ?? [],
            notBefore: Timestamp(secondsSince1970: link.certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Timestamp(secondsSince1970: link.certificate.notValidAfter.timeIntervalSince1970)
        )
    }
}
