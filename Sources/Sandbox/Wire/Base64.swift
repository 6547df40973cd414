#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The two alphabets of RFC 4648.
enum Base64 {
    /// §4, padded: what Intune sends for Edm.Binary.
    static func standard(_ bytes: some Collection<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// §5, unpadded: what JSON Web Keys are written in.
    static func url(_ bytes: some Collection<UInt8>) -> String {
        String(
            standard(bytes).compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            }
        )
    }

    /// The bytes behind the alphabet of §5, padded or not; nil when it is written otherwise.
    static func decodedURL(_ text: some StringProtocol) -> Data? {
        text.utf8.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") } ? nil : decoded(text)
    }

    /// The bytes behind either alphabet, padded or not.
    static func decoded(_ text: some StringProtocol) -> Data? {
        var standard = String(
            text.map { character in
                switch character {
                case "-": "+"
                case "_": "/"
                default: character
                }
            }
        )
        while standard.last == "=" { standard.removeLast() }
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard)
    }

    /// The text behind the credentials of HTTP Basic (RFC 7617); nil when they are not base64 of UTF-8.
    static func decodedText(_ text: Substring) -> String? {
        Data(base64Encoded: String(text)).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
