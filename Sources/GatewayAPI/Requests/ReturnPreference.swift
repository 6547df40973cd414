import HTTPTypes

/// What `Prefer: return=…` asks for (RFC 7240 §4.2).
enum ReturnPreference: String {
    case minimal
    case representation

    /// Of several `return` preferences the first counts (RFC 7240 §2). `nil` where there is none, or one that makes no sense: the RFC
    /// has those ignored.
    init?(_ fields: HTTPFields) {
        for preference in fields[values: .prefer].flatMap({ $0.split(separator: ",") }) {
            let parts = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(\.withoutBlanks)
            guard parts.first?.lowercased() == "return" else { continue }
            guard parts.count == 2 else { return nil }
            self.init(rawValue: parts[1].filter { $0 != "\"" }.lowercased())
            return
        }
        return nil
    }
}
