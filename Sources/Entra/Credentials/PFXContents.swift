import SwiftASN1

/// The parts of a PKCS#12 file (RFC 7292 §4), those behind the password still encrypted. It may be BER, as Windows writes it.
struct PFXContents {
    /// PKCS#8, the encrypted ones to be opened with the password.
    struct Key {
        let isEncrypted: Bool
        let der: [UInt8]
    }

    /// How to prove that the file is whole, and that the password is its own (RFC 7292 §4, `MacData`).
    struct Code {
        let digest: ASN1ObjectIdentifier
        let value: [UInt8]
        let salt: [UInt8]
        let iterations: Int
    }

    private(set) var keys: [Key] = []
    /// DER, those that are not encrypted.
    private(set) var certificates: [[UInt8]] = []
    /// Each a ContentInfo of the type "encryptedData". Every writer puts certificates there, and keys, which have a form of
    /// their own for that, beside it.
    private(set) var encrypted: [[UInt8]] = []
    /// What the code is made of.
    let safe: [UInt8]
    /// `nil` where the file has none.
    let code: Code?

    /// `nil` for what is no PKCS#12 file.
    init?(_ bytes: [UInt8]) {
        guard let parts = (try? BER.parse(bytes))?.parts, parts.count >= 2,
            let version = try? Int(berEncoded: parts[0]), version == 3,
            let safe = Self.contents(ofData: parts[1]), let infos = (try? BER.parse(safe))?.parts
        else { return nil }
        self.safe = Array(safe)
        code = parts.count > 2 ? Code(parts[2]) : nil
        for info in infos {
            guard let content = Self.contents(ofData: info) else {
                if info.firstIdentifier == .encryptedData { encrypted.append(Array(info.encodedBytes)) }
                continue
            }
            for bag in (try? BER.parse(content))?.parts ?? [] { take(bag) }
        }
    }

    /// A SafeBag: what it is, and in a tag of its own the value.
    private mutating func take(_ bag: ASN1Node) {
        guard let parts = bag.parts, parts.count >= 2, let value = parts[1].parts?.first else { return }
        switch bag.firstIdentifier {
        case .keyBag: keys.append(Key(isEncrypted: false, der: value.definite))
        case .shroudedKeyBag: keys.append(Key(isEncrypted: true, der: value.definite))
        case .certificateBag:
            guard value.firstIdentifier == .x509Certificate, let parts = value.parts, parts.count >= 2,
                let inner = parts[1].parts?.first, let der = try? ASN1OctetString(berEncoded: inner)
            else { return }
            certificates.append(Array(der.bytes))
        default: return
        }
    }

    /// The bytes inside a ContentInfo of the type "data" (RFC 5652 §§3, 4).
    private static func contents(ofData info: ASN1Node) -> ArraySlice<UInt8>? {
        guard info.firstIdentifier == .data, let parts = info.parts, parts.count >= 2,
            let inner = parts[1].parts?.first, let bytes = try? ASN1OctetString(berEncoded: inner)
        else { return nil }
        return bytes.bytes
    }
}

extension PFXContents.Code {
    /// `nil` for a form that is not known.
    fileprivate init?(_ node: ASN1Node) {
        guard let parts = node.parts, parts.count >= 2, let info = parts[0].parts, info.count == 2,
            let digest = info[0].firstIdentifier, let value = try? ASN1OctetString(berEncoded: info[1]),
            let salt = try? ASN1OctetString(berEncoded: parts[1])
        else { return nil }
        self.digest = digest
        self.value = Array(value.bytes)
        self.salt = Array(salt.bytes)
        guard parts.count > 2 else {
            iterations = 1
            return
        }
        guard let iterations = try? Int(berEncoded: parts[2]) else { return nil }
        self.iterations = iterations
    }
}

extension ASN1Node {
    fileprivate var parts: [ASN1Node]? {
        guard case .constructed(let nodes) = content else { return nil }
        return Array(nodes)
    }

    fileprivate var firstIdentifier: ASN1ObjectIdentifier? {
        parts?.first.flatMap { try? ASN1ObjectIdentifier(berEncoded: $0) }
    }

    /// The same with lengths that are known, as DER has them.
    fileprivate var definite: [UInt8] {
        var serializer = DER.Serializer()
        serializer.serialize(self)
        return serializer.serializedBytes
    }
}

/// RFC 5652 §§4, 8; RFC 7292 §4.2; RFC 2985 §6.5.
extension ASN1ObjectIdentifier {
    static let data: Self = [1, 2, 840, 113_549, 1, 7, 1]
    static let encryptedData: Self = [1, 2, 840, 113_549, 1, 7, 6]
    static let keyBag: Self = [1, 2, 840, 113_549, 1, 12, 10, 1, 1]
    static let shroudedKeyBag: Self = [1, 2, 840, 113_549, 1, 12, 10, 1, 2]
    static let certificateBag: Self = [1, 2, 840, 113_549, 1, 12, 10, 1, 3]
    static let x509Certificate: Self = [1, 2, 840, 113_549, 1, 9, 22, 1]
}
