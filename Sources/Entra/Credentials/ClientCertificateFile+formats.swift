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
            return try password.reveal { try Self.derBytes(ofKey: block.text, password: Array($0.utf8)) }
        } catch {
            throw wrongPassword("the private key")
        }
    }

    /// A PFX, with or without a password.
    func pfx(_ contents: PFXContents) throws(SettingsProblem) -> KeyAndCertificates {
        guard let sealed = contents.keys.first else {
            throw Self.problem(
                "there is no private key in the PFX file that it names",
                fix: "Export it again, with its private key"
            )
        }
        guard contents.keys.count == 1 else {
            throw Self.problem(
                "there are \(contents.keys.count) private keys in the PFX file",
                fix: "Export the certificate's own alone"
            )
        }
        let password = try pfxPassword(of: contents)
        let certificates: [[UInt8]]
        do {
            certificates =
                try contents.certificates + PFXCarrier.certificates(in: contents.encrypted, password: password)
        } catch {
            throw Self.unusual("the certificates")
        }
        guard !certificates.isEmpty else {
            throw Self.problem(
                "there is no certificate in the PFX file that it names",
                fix: "Export it again, with both"
            )
        }
        return KeyAndCertificates(key: try Self.opened(sealed, password), certificates: try Self.records(certificates))
    }

    /// The password that the PFX proves to be its own.
    private func pfxPassword(of contents: PFXContents) throws(SettingsProblem) -> PFXPassword {
        guard let code = contents.code else { throw Self.unusual("the integrity check (MAC)") }
        let given = try password?.read()
        let text = given?.reveal { Array($0.utf8) } ?? []
        for password in text.isEmpty ? [PFXPassword.text([]), .none] : [.text(text)] {
            guard let isRight = PFXCode.isRight(code, over: contents.safe, password: password) else {
                throw Self.unusual("the integrity check (MAC)")
            }
            if isRight { return password }
        }
        if given != nil { throw wrongPassword("the PFX file") }
        throw Self.problem(
            "the PFX file that it names is encrypted, or damaged",
            fix: "Give its password in \(Self.passwordSetting)_FILE"
        )
    }

    private static func opened(_ key: PFXContents.Key, _ password: PFXPassword) throws(SettingsProblem) -> [UInt8] {
        let label = key.isEncrypted ? "ENCRYPTED PRIVATE KEY" : "PRIVATE KEY"
        let text = PEMDocument(type: label, derBytes: key.der).pemString
        do {
            return try derBytes(ofKey: text, password: password.bytes ?? [])
        } catch {
            throw unusual("the private key")
        }
    }

    /// A key that may be encrypted.
    private static func derBytes(ofKey pem: String, password: [UInt8]) throws -> [UInt8] {
        // NIOSSL 2.37 ends the process over any other, and cuts off a longer one.
        guard password.allSatisfy({ $0 < 0x80 }), password.count < 1024 else {
            guard let document = try? PEMDocument(pemString: pem), document.discriminator == "ENCRYPTED PRIVATE KEY",
                let key = PasswordSealedKey(der: document.derBytes)
            else { throw NIOSSLError.failedToLoadPrivateKey }
            return try NIOSSLPrivateKey(bytes: key.opened(by: password), format: .der).derBytes
        }
        return try NIOSSLPrivateKey(bytes: Array(pem.utf8), format: .pem) { $0(password) }.derBytes
    }

    private static func unusual(_ what: String) -> SettingsProblem {
        problem(
            "\(what) in the PFX file that it names cannot be read",
            fix: "Make a PEM file of it (openssl pkcs12 -in app.pfx -out app.pem -nodes) and name that; "
                + "older files may need -legacy, and passwords are best in ASCII"
        )
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
