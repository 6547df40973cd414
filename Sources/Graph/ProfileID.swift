import Transport

/// The id of an enrollment profile: a GUID, kept as its 128 bits.
///
/// Whatever form it came in, what goes upstream is ``description``: 36 characters, lower case. Nothing of a caller's text
/// can reach a URL through it.
package struct ProfileID: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in ASCII hexadecimal digits of either case; `nil` for anything else: no braces,
    /// no other digits of Unicode, nothing before or after.
    package init?(_ text: some StringProtocol) {
        guard let bits = GUIDText.bits(Substring(text)) else { return nil }
        (high, low) = bits
    }

    package var description: String { GUIDText.text(high: high, low: low) }
}
