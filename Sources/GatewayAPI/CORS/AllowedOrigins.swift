import HTTPTypes
package import Settings

/// The origins whose pages may read answers of the callers' side (Fetch standard, "CORS protocol").
///
/// It allows browsers to hand on what is answered, and nobody to ask: that is up to the API key. Credentials that browsers add
/// by themselves are not asked for; there are none.
package struct AllowedOrigins: Sendable, Equatable {
    /// What a page may read of an answer beside the fields that it always may.
    static let exposedFields =
        "X-Request-ID, Retry-After, Location, Preference-Applied, Idempotent-Replayed, RateLimit, RateLimit-Policy"

    private let origins: Set<String>

    /// None: there is no CORS.
    package init() { origins = [] }

    /// Reads `CORS_ALLOWED_ORIGINS`: exact origins, such as `https://portal.example.com, http://localhost:5173`.
    package init(_ settings: SettingsReader) {
        let name = "CORS_ALLOWED_ORIGINS"
        var origins: Set<String> = []
        for text in (settings.text(name) ?? "").split(whereSeparator: { ", \t".contains($0) }) {
            do throws(WebOrigin.Defect) {
                origins.insert(try WebOrigin(text).text)
            } catch {
                settings.report(name, error.reason, fix: error.fix)
            }
        }
        self.origins = origins
    }

    var isEmpty: Bool { origins.isEmpty }

    /// The request's origin, where it has exactly one and that is allowed.
    func allowed(_ presented: [String]) -> String? {
        guard presented.count == 1, origins.contains(presented[0]) else { return nil }
        return presented[0]
    }

    /// Gives an answer what a browser looks for. `Vary` is there for every origin, so that no cache answers one with what was
    /// for another.
    ///
    /// - Parameter presented: the values of `Origin` in the request.
    func mark(_ fields: inout HTTPFields, for presented: [String]) {
        guard !isEmpty else { return }
        fields.vary(on: "Origin")
        guard let origin = allowed(presented) else { return }
        fields[.accessControlAllowOrigin] = origin
        fields[.accessControlExposeHeaders] = Self.exposedFields
    }
}

extension HTTPFields {
    /// Adds a name to `Vary` (RFC 9110 §12.5.5), unless it or `*` is there.
    fileprivate mutating func vary(on name: String) {
        let listed = self[.vary]
        let names = (listed ?? "").split(separator: ",").map { $0.drop { $0 == " " }.lowercased() }
        if names.contains(name.lowercased()) || names.contains("*") { return }
        self[.vary] = listed.map { "\($0), \(name)" } ?? name
    }
}
