/// The OData query options that the sandbox understands (OData 4.01 part 2, §5.1).
struct GraphQuery: Sendable {
    /// The properties asked for, in the entity's order; nil when all are.
    private(set) var selected: Set<String>?
    private(set) var top: Int?
    private(set) var skip = 0
    private(set) var wantsCount = false

    /// - Throws: Graph's 400 for a property or an option that does not exist, or a value of the wrong form.
    init(_ fields: FormFields, kind: SandboxProfile.Kind, isList: Bool) throws(GraphRefusal) {
        for (name, value) in fields.fields {
            switch name {
            case "$select": selected = try Self.properties(value, of: kind)
            case "$top" where isList: top = try Self.number(value, of: "$top")
            case "$skip" where isList, "$skiptoken" where isList: skip = try Self.number(value, of: name)
            case "$count" where isList: wantsCount = try Self.flag(value)
            // OData leaves names without a dollar sign to services and clients, and Graph ignores those it does not know.
            case _ where !name.hasPrefix("$"): break
            default:
                throw .badRequest(
                    "The query specified in the URI is not valid. The query option '\(name)' is not supported."
                )
            }
        }
    }

    private static func properties(_ text: String, of kind: SandboxProfile.Kind) throws(GraphRefusal) -> Set<String>? {
        let known = Set(ProfileProperty.all(of: kind).map(\.name))
        let names = text.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
        if names.contains("*") || names.isEmpty { return nil }
        for name in names where !known.contains(name) {
            throw .badRequest(
                """
                Parsing OData Select and Expand failed: Could not find a property named '\(name)' on type \
                '\(kind.entityType)'.
                """
            )
        }
        return Set(names)
    }

    private static func number(_ text: String, of option: String) throws(GraphRefusal) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw .badRequest(
                """
                Invalid value '\(text)' for \(option) query option found. The \(option) query option requires a \
                non-negative integer value.
                """
            )
        }
        return number
    }

    private static func flag(_ text: String) throws(GraphRefusal) -> Bool {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default:
            throw .badRequest(
                """
                Invalid value '\(text)' for $count query option found. Valid values are '{"true", "false"}'.
                """
            )
        }
    }
}
