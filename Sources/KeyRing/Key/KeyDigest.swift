import Crypto

/// The SHA-256 digest of a key: all that is kept of it.
///
/// Enough, since a key's secret has 256 random bits: there is nothing to guess, and a slow digest would slow down nobody but the
/// gateway. It has no `Equatable`, so that two are compared by ``matches(_:)`` alone.
package struct KeyDigest: Sendable, CustomStringConvertible {
    /// How its text begins in the key ring's file.
    package static let scheme = "sha256:"

    private let words: SIMD4<UInt64>

    package init(of key: [UInt8]) { words = Self.words(SHA256.hash(data: key)) }

    /// `sha256:` and 64 hexadecimal digits in lower case; `nil` for anything else.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let digits = text.utf8.dropFirst(Self.scheme.utf8.count).map(Self.value)
        guard digits.count == SHA256.byteCount * 2, !digits.contains(nil) else { return nil }
        let nibbles = digits.compactMap { $0 }
        words = Self.words(stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] })
    }

    private init(words: SIMD4<UInt64>) { self.words = words }

    /// One that no key is known to have.
    static func random() -> KeyDigest { KeyDigest(words: .random(in: .min ... .max)) }

    /// Whether both are of one key. The time that it takes does not tell where they differ.
    package func matches(_ other: KeyDigest) -> Bool { difference(from: other) == 0 }

    /// 0 where both are of one key, and anything else where not.
    func difference(from other: KeyDigest) -> UInt64 {
        let difference = words ^ other.words
        return difference[0] | difference[1] | difference[2] | difference[3]
    }

    package var description: String {
        Self.scheme
            + (0..<4).map { index in
                let digits = String(words[index], radix: 16)
                return String(repeating: "0", count: 16 - digits.utf8.count) + digits
            }.joined()
    }

    private static func words(_ bytes: some Sequence<UInt8>) -> SIMD4<UInt64> {
        var words = SIMD4<UInt64>()
        var index = 0
        for byte in bytes {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
            index += 1
        }
        return words
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
