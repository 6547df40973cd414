import SwiftASN1

/// What can be seen of a PKCS#12 file (RFC 7292 §4) without its password.
///
/// NIOSSL 2.37 ends the process when it unpacks one without a key or without a certificate, and hides why it cannot unpack one.
/// So its shape is looked at first. It may be BER, as Windows writes it.
struct PFXShape {
    /// Whether keys, and whether certificates, are in it; the latter are most often behind the password.
    private(set) var mayHaveKey = false
    private(set) var mayHaveCertificate = false

    private static let data: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 1]
    private static let key: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 1]
    private static let shroudedKey: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 2]
    private static let certificate: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 3]

    /// `nil` for what is no PKCS#12 file.
    init?(_ bytes: [UInt8]) {
        guard let root = try? BER.parse(bytes), let parts = root.parts, parts.count >= 2,
            let version = try? Int(berEncoded: parts[0]), version == 3,
            let safe = Self.contents(ofData: parts[1]), let infos = (try? BER.parse(safe))?.parts
        else { return nil }
        for info in infos {
            guard let content = Self.contents(ofData: info) else {
                // Encrypted as a whole. Every writer puts certificates there, and keys, which have a form of their own for that,
                // beside it.
                mayHaveCertificate = true
                continue
            }
            for bag in (try? BER.parse(content))?.parts ?? [] {
                guard let first = bag.parts?.first, let kind = try? ASN1ObjectIdentifier(berEncoded: first) else {
                    continue
                }
                if kind == Self.key || kind == Self.shroudedKey { mayHaveKey = true }
                if kind == Self.certificate { mayHaveCertificate = true }
            }
        }
    }

    /// The bytes inside a ContentInfo of the type "data" (RFC 5652 §§3, 4).
    private static func contents(ofData info: ASN1Node) -> ArraySlice<UInt8>? {
        guard let parts = info.parts, parts.count >= 2, let type = try? ASN1ObjectIdentifier(berEncoded: parts[0]),
            type == data, let inner = parts[1].parts?.first, let bytes = try? ASN1OctetString(berEncoded: inner)
        else { return nil }
        return bytes.bytes
    }
}

extension ASN1Node {
    fileprivate var parts: [ASN1Node]? {
        guard case .constructed(let nodes) = content else { return nil }
        return Array(nodes)
    }
}
