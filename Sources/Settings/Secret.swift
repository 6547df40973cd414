/// A text that must not be seen: a client secret, an access token, an API key.
///
/// Printing it, interpolating it, dumping it or reflecting on it shows a placeholder. It has no `Encodable`, `Hashable` or
/// `Equatable`, so it can neither slip into a document nor be compared in a time that tells where the difference is.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in its place wherever it is printed.
    package static let placeholder = "<redacted>"

    private let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }

    /// Lends the text to the one place that needs it: the wire, or a digest.
    package func reveal<Result>(_ body: (String) throws -> Result) rethrows -> Result { try body(text) }

    package var isEmpty: Bool { text.isEmpty }
    /// Its length in UTF-8 bytes, for a check of the least length.
    package var byteCount: Int { text.utf8.count }
}
