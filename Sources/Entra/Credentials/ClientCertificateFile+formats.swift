import NIOSSL
import Settings
import SwiftASN1
import X509

/// What a certificate's file holds, before it is known whether its parts fit.
struct KeyAndCertificates {
    /// PKCS#1 for RSA, SEC 1 for elliptic curves.
    var key: [UInt8]
    var certificates: [CertificateRecord]
}

extension ClientCertificateFile {
    /// A key and certificates in any order.
    func pem(_ blocks: [PEMBlock]) throws(SettingsProblem) -> KeyAndCertificates {
        let keys = blocks.filter(\.isPrivateKey)
        let certificates = blocks.filter(\.isCertificate)
        guard let key = keys.first else {
            throw Self.problem(
                "there is no private key in the file that it names",
                fix: "Append the key to the certificate's file: cat key.pem >> certificate.pem"
            )
        }
        guard keys.count == 1 else {
            throw Self.problem(
                "there are \(keys.count) private keys in the file",
                fix: "Leave the certificate's own in it"
            )
        }
        guard !certificates.isEmpty else {
            throw Self.problem(
                "there is no certificate in the file that it names",
                fix: "Append the certificate to the key's file: cat certificate.pem >> key.pem"
            )
        }
        return KeyAndCertificates(
            key: try key.isEncrypted ? decrypted(key) : Self.plain(key),
            certificates: try Self.records(certificates.map(\.der))
        )
    }

    private static func plain(_ block: PEMBlock) throws(SettingsProblem) -> [UInt8] {
        do {
            return try NIOSSLPrivateKey(bytes: Array(block.text.utf8), format: .pem).derBytes
        } catch {
            // The error's own words are left out: they are another layer's.
            throw problem("its private key cannot be read", fix: "Give it as PKCS#8 or PKCS#1")
        }
    }

    private func decrypted(_ block: PEMBlock) throws(SettingsProblem) -> [UInt8] {
        guard let password = try password?.read() else {
            throw Self.problem(
                "its private key is encrypted",
                fix: "Give its password in \(Self.passwordSetting)_FILE, or decrypt it: openssl pkey -in key.pem"
            )
        }
        do {
            return try password.reveal { password in
                let key = try NIOSSLPrivateKey(bytes: Array(block.text.utf8), format: .pem) { $0(Array(password.utf8)) }
                return try key.derBytes
            }
        } catch {
            throw wrongPassword("the private key")
        }
    }

    /// A PFX, with or without a password.
    func pfx(_ bytes: [UInt8], _ shape: PFXShape) throws(SettingsProblem) -> KeyAndCertificates {
        guard shape.mayHaveKey else {
            throw Self.problem(
                "there is no private key in the PFX file that it names",
                fix: "Export it again, with its private key"
            )
        }
        guard shape.mayHaveCertificate else {
            throw Self.problem(
                "there is no certificate in the PFX file that it names",
                fix: "Export it again, with both"
            )
        }
        let password = try password?.read()
        let key: [UInt8]
        let certificates: [[UInt8]]
        do {
            let bundle = try NIOSSLPKCS12Bundle(buffer: bytes, passphrase: password?.reveal { Array($0.utf8) })
            key = try bundle.privateKey.derBytes
            certificates = try bundle.certificateChain.map { try $0.toDERBytes() }
        } catch {
            if password != nil { throw wrongPassword("the PFX file") }
            throw Self.problem(
                "the PFX file that it names is encrypted, or damaged",
                fix: "Give its password in \(Self.passwordSetting)_FILE"
            )
        }
        return KeyAndCertificates(key: key, certificates: try Self.records(certificates))
    }

    private func wrongPassword(_ what: String) -> SettingsProblem {
        SettingsProblem(
            password?.setting ?? Self.passwordSetting,
            "it does not open \(what) that \(Self.setting) names",
            fix: "Give the right password; if it is right, the file is damaged or encrypted in an unusual way"
        )
    }

    /// Those that can be read: another's in the chain may have a key of a kind that is not known here.
    private static func records(_ ders: [[UInt8]?]) throws(SettingsProblem) -> [CertificateRecord] {
        let records = ders.compactMap { der -> CertificateRecord? in
            guard let der, let certificate = try? Certificate(derEncoded: der) else { return nil }
            return CertificateRecord(der: der, certificate: certificate)
        }
        guard !records.isEmpty else {
            throw problem("the certificate in the file that it names is damaged", fix: "Put a whole one into it")
        }
        return records
    }
}
