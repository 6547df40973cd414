import HTTPTypes

/// What a request's fields say of media types (RFC 9110 §12.5.1, §8.3).
enum MediaNegotiation {
    /// - Throws: ``GatewayError`` `not-acceptable` when `Accept` rules `type` out.
    static func checkAccept(_ fields: HTTPFields, type: String) throws(GatewayError) {
        _ = try choose(among: [type], fields)
    }

    /// The type that `Accept` likes best; of those that it likes equally, the first.
    ///
    /// - Throws: ``GatewayError`` `not-acceptable` when it rules all of them out.
    static func choose(among types: [String], _ fields: HTTPFields) throws(GatewayError) -> String {
        let ranges = fields[values: .accept].flatMap { $0.split(separator: ",") }.compactMap(MediaRange.init)
        guard !ranges.isEmpty else { return types[0] }
        var best: (type: String, quality: Double)?
        for type in types {
            // The most specific range decides.
            let range = ranges.filter { $0.matches(type) }.max { $0.specificity < $1.specificity }
            guard let quality = range?.quality, quality > best?.quality ?? 0 else { continue }
            best = (type, quality)
        }
        guard let best else {
            throw GatewayError(
                .notAcceptable,
                "The answer is \(types.joined(separator: " or ")), and the request's Accept header rules it out.",
                member: "Accept"
            )
        }
        return best.type
    }

    /// - Throws: ``GatewayError`` `media-type-unsupported` when the body is said to be anything but JSON in UTF-8, as it is.
    static func checkJSONBody(_ fields: HTTPFields) throws(GatewayError) {
        if fields[.contentType] == "application/json", !fields.contains(.contentEncoding) { return }
        let types = fields[values: .contentType]
        guard types.count == 1, let parts = types.first?.split(separator: ";").map(\.withoutBlanks),
            parts.first?.lowercased() == "application/json"
        else {
            throw GatewayError(
                .mediaTypeUnsupported,
                "Send the body as JSON, with Content-Type: application/json.",
                member: "Content-Type"
            )
        }
        for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("charset=") {
            let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" }.lowercased()
            guard charset == "utf-8" || charset == "utf8" || charset == "us-ascii" else {
                throw GatewayError(.mediaTypeUnsupported, "JSON is sent in UTF-8.", member: "Content-Type")
            }
        }
        guard fields[values: .contentEncoding].allSatisfy({ $0.lowercased() == "identity" }) else {
            throw GatewayError(
                .mediaTypeUnsupported,
                "Send the body as it is, without a content coding.",
                member: "Content-Encoding"
            )
        }
    }
}

private struct MediaRange {
    var type: Substring
    var subtype: Substring
    var quality = 1.0

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map(\.withoutBlanks)
        guard let names = parts.first?.split(separator: "/", omittingEmptySubsequences: false), names.count == 2 else {
            return nil
        }
        type = names[0]
        subtype = names[1]
        for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("q=") {
            quality = Double(parameter.dropFirst(2)) ?? 0
        }
    }

    var specificity: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }

    func matches(_ other: String) -> Bool {
        let names = other.split(separator: "/")
        return (type == "*" || type.lowercased() == names[0]) && (subtype == "*" || subtype.lowercased() == names[1])
    }
}

extension Substring {
    /// Without the blanks and tabs around it.
    var withoutBlanks: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        return start.prefix(
            upTo: start.lastIndex { $0 != " " && $0 != "\t" }.map { start.index(after: $0) } ?? start.startIndex
        )
    }
}
