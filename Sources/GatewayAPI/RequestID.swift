import HTTPTypes
import Transport

/// The id under which a request is found in the log, in `X-Request-ID`.
enum GatewayRequestID {
    static let longest = 128

    /// The caller's own id where there is one and it can stand in a log as it is: 1 to 128 letters, digits, dots, dashes and
    /// underscores; else a fresh GUID.
    static func adopting(_ presented: [String]) -> String {
        guard presented.count == 1, let only = presented.first, isSane(only) else { return fresh() }
        return only
    }

    static func fresh() -> String { RandomID.guid() }

    private static func isSane(_ text: String) -> Bool {
        guard (1...longest).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension HTTPField.Name {
    static let requestID = Self("X-Request-ID")!
    static let apiKey = Self("X-API-Key")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotentReplayed = Self("Idempotent-Replayed")!
    static let prefer = Self("Prefer")!
    static let preferenceApplied = Self("Preference-Applied")!
    static let contentSecurityPolicy = Self("Content-Security-Policy")!
}
