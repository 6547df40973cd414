import CryptoExtras
import Foundation
import NIOSSL
package import Settings
import SwiftASN1
package import Transport
import X509

/// The file of a certificate and its private key: PEM, in any order, or PKCS#12 (PFX).
package struct ClientCertificateFile: Sendable {
    static let setting = "AZURE_CLIENT_CERTIFICATE_PATH"
    static let passwordSetting = "AZURE_CLIENT_CERTIFICATE_PASSWORD"
    /// A chain with its key has some 10 KiB.
    static let largest = 1 << 20
    /// Smaller keys are refused, by Entra too.
    static let leastKeyBits = 2048
    /// A certificate that was made a moment ago on a machine whose clock is ahead of this one's.
    static let leeway: Duration = .seconds(300)

    let path: String
    /// Of the PFX, or of an encrypted key in a PEM file.
    let password: SecretSource?

    package init(path: String, password: SecretSource?) {
        self.path = path
        self.password = password
    }

    /// The files that it is read from.
    var files: [String] { [path] + (password?.path.map { [$0] } ?? []) }

    /// Reads and checks it.
    ///
    /// - Throws: ``SettingsProblem`` in words for the operator. It quotes nothing of what was read.
    package func read(at now: Timestamp) throws(SettingsProblem) -> ClientCertificate {
        let bytes: Data
        do throws(SecretFault) {
            bytes = try SecretFile(path).contents(upTo: Self.largest)
        } catch {
            throw Self.problem(error.reason, fix: error.fix ?? "Name the file of the certificate and its private key")
        }
        guard !bytes.isEmpty else {
            throw Self.problem(
                "the file that it names is empty",
                fix: "Put the certificate and its private key into it"
            )
        }
        let contents = try contents(of: bytes)
        let key = try Self.rsaKey(contents.key)
        let leaf = try Self.leaf(of: contents.certificates, key: key, at: now)
        try Self.check(leaf.facts, at: now)
        return ClientCertificate(
            facts: leaf.facts,
            chain: Self.chain(from: leaf, in: contents.certificates).map(\.der),
            key: key
        )
    }

    private func contents(of bytes: Data) throws(SettingsProblem) -> KeyAndCertificates {
        if let text = String(data: bytes, encoding: .utf8), text.contains("-----BEGIN ") {
            return try pem(PEMBlock.all(in: text))
        }
        if let contents = PFXContents(Array(bytes)) { return try pfx(contents) }
        throw Self.problem(
            "the file that it names is neither PEM nor PKCS#12 (PFX), or is not complete",
            fix: "Give a PEM file with the certificate and its private key, or a PFX file"
        )
    }

    static func problem(_ reason: String, fix: String) -> SettingsProblem { SettingsProblem(setting, reason, fix: fix) }
}

// MARK: What the file must be

extension ClientCertificateFile {
    private static func rsaKey(_ der: [UInt8]) throws(SettingsProblem) -> _RSA.Signing.PrivateKey {
        guard let key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der) else {
            throw problem(
                isCurveKey(der)
                    ? "its private key is an elliptic-curve (EC) key"
                    : "its private key is no RSA key that can be used",
                fix: "Entra takes RSA keys of \(leastKeyBits) bits or more; make a new certificate with one"
            )
        }
        guard key.keySizeInBits >= leastKeyBits else {
            throw problem(
                "its RSA key has \(key.keySizeInBits) bits only",
                fix: "Make a new certificate with a key of \(leastKeyBits) bits or more"
            )
        }
        return key
    }

    /// Whether it is an ECPrivateKey (RFC 5915 §3): the number 1, and then octets.
    private static func isCurveKey(_ der: [UInt8]) -> Bool {
        guard case .constructed(let parts) = (try? DER.parse(der))?.content else { return false }
        var rest = parts.makeIterator()
        guard let first = rest.next(), let second = rest.next() else { return false }
        return (try? Int(derEncoded: first)) == 1 && second.identifier == .octetString
    }

    /// The certificate of the key: of several, such as after a renewal with the same key, the one that lasts longest of those
    /// that are valid now, or of all if none is.
    private static func leaf(
        of certificates: [CertificateRecord],
        key: _RSA.Signing.PrivateKey,
        at now: Timestamp
    ) throws(SettingsProblem) -> CertificateRecord {
        let own = Certificate.PublicKey(key.publicKey)
        let leaves = certificates.filter { $0.certificate.publicKey == own }
        let valid = leaves.filter { $0.facts.notAfter > now && $0.facts.notBefore <= now + leeway }
        guard
            let leaf = (valid.isEmpty ? leaves : valid).max(by: {
                $0.certificate.notValidAfter < $1.certificate.notValidAfter
            })
        else {
            throw problem(
                "the private key does not belong to any certificate in the file",
                fix: "Put a certificate and its own key together"
            )
        }
        return leaf
    }

    private static func check(_ facts: CertificateFacts, at now: Timestamp) throws(SettingsProblem) {
        if facts.notAfter <= now {
            throw problem(
                "the certificate \(facts.sha1) has expired on \(facts.notAfter.rfc3339)",
                fix: "Make a new one, and add it to the app registration"
            )
        }
        if facts.notBefore > now + leeway {
            throw problem(
                "the certificate \(facts.sha1) is not valid before \(facts.notBefore.rfc3339)",
                fix: "Look at this machine's clock, or wait"
            )
        }
    }

    private static func chain(from leaf: CertificateRecord, in all: [CertificateRecord]) -> [CertificateRecord] {
        var chain = [leaf]
        while let last = chain.last,
            let issuer = all.first(where: { candidate in
                candidate.certificate.subject == last.certificate.issuer && !chain.contains { $0.der == candidate.der }
            })
        {
            chain.append(issuer)
        }
        return chain
    }
}
