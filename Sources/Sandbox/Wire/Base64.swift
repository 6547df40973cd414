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

    /// The text behind the credentials of HTTP Basic (RFC 7617); nil when they are not base64 of UTF-8.
    static func decodedText(_ text: Substring) -> String? {
        Data(base64Encoded: String(text)).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
