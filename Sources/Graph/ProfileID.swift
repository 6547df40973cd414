import Transport

/// The id of an enrollment profile: a GUID, kept as its 128 bits.
///
/// Whatever form it came in, what goes upstream is ``description``: 36 characters, lower case. Nothing of a caller's text
/// can reach a URL through it.
package struct ProfileID: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in ASCII hexadecimal digits of either case; `nil` for anything else: no braces,
    /// no other digits of Unicode, nothing before or after.
    package init?(_ text: some StringProtocol) {
        guard let bits = GUIDText.bits(Substring(text)) else { return nil }
        (high, low) = bits
    }

    /// Its 16 bytes, in the order in which they are written.
    package var bytes: [UInt8] {
        [high, low].flatMap { half in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }

    /// - Returns: `nil` unless there are 16.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// In the order of their texts.
    package static func < (left: ProfileID, right: ProfileID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    package var description: String { GUIDText.text(high: high, low: low) }
}
