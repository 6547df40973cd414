import Settings

/// An API key as its caller holds it: `egk_<id>_<secret><checksum>`.
///
/// The id has 8 base-32 characters and is no secret: logs and the key ring's file name a key by it. The secret has 43 characters
/// in base 62, which are 32 random bytes. The checksum, 6 more, is the CRC-32 of all that stands before it: whoever meets such a
/// text, a person with a typo or a scanner for leaked secrets, can tell without asking whether it is a key.
package struct APIKey: Sendable {
    package static let prefix = "egk_"
    package static let secretBytes = 32
    static let secretLength = 43
    static let checksumLength = 6
    /// Of the whole text.
    package static let length = prefix.utf8.count + KeyID.length + 1 + secretLength + checksumLength

    package let id: KeyID
    private let text: Secret

    /// A new one, from the system's random numbers.
    package static func random() -> APIKey {
        var source = SystemRandomNumberGenerator()
        return random(using: &source)
    }

    package static func random(using source: inout some RandomNumberGenerator) -> APIKey {
        random(id: KeyID.random(using: &source), using: &source)
    }

    /// A whole key that is called as this one is, and opens nothing: for tests and measurements.
    package func withOtherSecret() -> APIKey {
        var source = SystemRandomNumberGenerator()
        return Self.random(id: id, using: &source)
    }

    private static func random(id: KeyID, using source: inout some RandomNumberGenerator) -> APIKey {
        let secret = (0..<secretBytes / 8).flatMap { _ in
            let word = UInt64.random(in: .min ... .max, using: &source)
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
        }
        var text = Array("\(prefix)\(id)_".utf8) + Base62.text(of: secret, length: secretLength)
        text += checksum(of: text[...])
        return APIKey(id: id, text: Secret(String(decoding: text, as: UTF8.self)))
    }

    private init(id: KeyID, text: Secret) {
        self.id = id
        self.text = text
    }

    /// Lends the whole text to who shows it once, or sends it.
    package func reveal<Result>(_ body: (String) throws -> Result) rethrows -> Result { try text.reveal(body) }

    package var digest: KeyDigest { text.reveal { KeyDigest(of: Array($0.utf8)) } }

    /// What its owner can tell it by among others, and nobody can guess it from: the last of the checksum.
    package var lastFour: String { text.reveal { String($0.suffix(4)) } }

    // MARK: What others hold

    /// What a text looks like, before anybody knows whether it is a key of ours.
    package enum Shape: Sendable, Equatable {
        case key(KeyID)
        /// It begins as a key does, but is none: a letter is wrong, or a piece is missing.
        case damaged
        case other
    }

    package static func shape(of text: [UInt8]) -> Shape {
        guard text.starts(with: prefix.utf8) else { return .other }
        let idEnd = prefix.utf8.count + KeyID.length
        guard text.count == length, let id = KeyID(text[prefix.utf8.count..<idEnd]), text[idEnd] == UInt8(ascii: "_"),
            text[(idEnd + 1)...].allSatisfy(Base62.isDigit),
            text.suffix(checksumLength).elementsEqual(checksum(of: text.dropLast(checksumLength)))
        else { return .damaged }
        return .key(id)
    }

    /// A text with the secrets of all keys in it left out, whole ones or damaged: for what is shown of people's input.
    package static func masked(in text: String) -> String {
        guard text.utf8.count > prefix.utf8.count else { return text }
        let scalars = Array(text.unicodeScalars)
        let mark = Array(prefix.unicodeScalars)
        var shown = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            guard scalars[position...].starts(with: mark) else {
                shown.append(scalars[position])
                position += 1
                continue
            }
            let rest = scalars[(position + mark.count)...]
            let run = rest.prefix { !$0.properties.isWhitespace && !"\"'`".unicodeScalars.contains($0) }
            shown.append(contentsOf: mark)
            position = run.endIndex
            let (id, secret) = (run.prefix(KeyID.length + 1), run.dropFirst(KeyID.length + 1))
            let isID = id.last == "_" && KeyID(String(String.UnicodeScalarView(id.dropLast()))) != nil
            if isID || secret.isEmpty { shown.append(contentsOf: id) }
            if !secret.isEmpty { shown.append("…") }
        }
        return String(shown)
    }

    static func checksum(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        Base62.text(of: CRC32.of(bytes), length: checksumLength)
    }
}

/// What a key is called by: 8 characters of RFC 4648's base 32, in lower case.
package struct KeyID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package static let length = 8
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// 40 bits.
    let bits: UInt64

    init?(_ characters: ArraySlice<UInt8>) {
        guard characters.count == Self.length else { return nil }
        var bits: UInt64 = 0
        for character in characters {
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): bits = bits << 5 | UInt64(character - UInt8(ascii: "a"))
            case UInt8(ascii: "2")...UInt8(ascii: "7"): bits = bits << 5 | UInt64(character - UInt8(ascii: "2") + 26)
            default: return nil
            }
        }
        self.bits = bits
    }

    /// `nil` for anything but 8 characters out of `a` to `z` and `2` to `7`.
    package init?(_ text: String) { self.init(Array(text.utf8)[...]) }

    static func random(using source: inout some RandomNumberGenerator) -> KeyID {
        KeyID(bits: UInt64.random(in: 0..<(1 << 40), using: &source))
    }

    private init(bits: UInt64) { self.bits = bits }

    package var description: String {
        String(decoding: (0..<Self.length).map { Self.alphabet[Int(bits >> UInt64(35 - 5 * $0)) & 31] }, as: UTF8.self)
    }

    /// By the number that it stands for.
    package static func < (left: KeyID, right: KeyID) -> Bool { left.bits < right.bits }
}
