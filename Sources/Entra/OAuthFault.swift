import Foundation
import NIOCore
import NIOFoundationCompat

/// The error document of the token endpoint (RFC 6749 §5.2, with Entra's own members).
struct OAuthFault: Sendable {
    /// OAuth's `error`.
    let error: String
    /// The numbers behind `AADSTS`, the foremost first.
    let codes: [Int]
    let traceID: String?
    let correlationID: String?

    /// `nil` when the body is no such document, for example a proxy's page.
    init?(_ body: ByteBuffer) {
        guard let document = try? JSONDecoder().decode(Document.self, from: body),
            Self.isSane(document.error)
        else { return nil }
        error = document.error
        codes = document.codes.isEmpty ? Self.codes(in: document.description ?? "") : document.codes
        traceID = document.traceID.flatMap { GUID($0)?.description }
        correlationID = document.correlationID.flatMap { GUID($0)?.description }
    }

    /// What the fault means. Status and `error` decide, the codes sharpen: one that names a passing trouble makes it one.
    var reason: EntraError.Reason {
        let known = codes.lazy.compactMap(AADSTS.reason(for:)).first
        switch error {
        case "temporarily_unavailable", "server_error": return known == .throttled ? .throttled : .serverError
        case "invalid_client": return known ?? .credentialInvalid
        case "unauthorized_client": return known ?? .applicationUnknown
        case "invalid_scope", "invalid_resource", "invalid_target": return known ?? .scopeInvalid
        case "consent_required": return known ?? .consentMissing
        case "interaction_required": return known ?? .conditionalAccess
        default: return known ?? .credentialInvalid
        }
    }

    /// The code to show: the one that gave the reason, else the foremost.
    var code: Int? { codes.first { AADSTS.reason(for: $0) != nil } ?? codes.first }

    /// RFC 6749 allows more, but every registered name is of small letters and underscores. Nothing else may reach a log or
    /// a label, and no secret looks like this.
    private static func isSane(_ error: String) -> Bool {
        (1...64).contains(error.utf8.count)
            && error.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    /// The code at the head of a description, for answers without `error_codes`.
    private static func codes(in description: String) -> [Int] {
        guard description.hasPrefix("AADSTS") else { return [] }
        let digits = description.dropFirst("AADSTS".count).prefix { $0.isASCII && $0.isNumber }
        return digits.utf8.count <= 9 ? Int(digits).map { [$0] } ?? [] : []
    }
}

/// The members that matter here. Only `error` must be there; the others are taken if they have the right type.
private struct Document: Decodable {
    let error: String
    let description: String?
    let codes: [Int]
    let traceID: String?
    let correlationID: String?

    enum CodingKeys: String, CodingKey {
        case error
        case description = "error_description"
        case codes = "error_codes"
        case traceID = "trace_id"
        case correlationID = "correlation_id"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        error = try container.decode(String.self, forKey: .error)
        description = try? container.decode(String.self, forKey: .description)
        codes = ((try? container.decode([Int].self, forKey: .codes)) ?? []).filter { (1...999_999_999).contains($0) }
        traceID = try? container.decode(String.self, forKey: .traceID)
        correlationID = try? container.decode(String.self, forKey: .correlationID)
    }
}
