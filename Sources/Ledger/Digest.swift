import Crypto

/// A SHA-256 digest: of an Idempotency-Key, or of what a request asks for.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
    package static let byteCount = 32

    package let bytes: [UInt8]

    package init(of text: String) { bytes = Array(SHA256.hash(data: Array(text.utf8))) }

    /// - Returns: `nil` unless there are 32.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// 64 hexadecimal digits in lower case.
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
