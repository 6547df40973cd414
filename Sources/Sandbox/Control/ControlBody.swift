import NIOCore

/// The JSON object in the body of a control request, read strictly: what is not understood is refused.
struct ControlBody: Sendable {
    private let members: [JSONValue.Member]

    init(_ body: ByteBuffer) throws(ControlRefusal) {
        guard case .object(let members) = JSONValue(parsing: body) else {
            throw ControlRefusal("The body is not a JSON object.")
        }
        self.members = members
    }

    /// One of a list of objects.
    private init(members: [JSONValue.Member]) { self.members = members }

    /// No member, for what needs none.
    static let empty = ControlBody(members: [])

    /// - Throws: when there is a member that is not in `names`.
    func allow(_ names: Set<String>) throws(ControlRefusal) {
        for member in members where !names.contains(member.name) {
            throw ControlRefusal(
                "\"\(member.name)\" is not known here; \(Self.enumerated(names.sorted())) may be given."
            )
        }
    }

    subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    func integer(_ name: String) throws(ControlRefusal) -> Int? {
        switch self[name] {
        case nil: return nil
        case .integer(let value): return Int(value)
        default: throw ControlRefusal("\"\(name)\" is not an integer.")
        }
    }

    func flag(_ name: String) throws(ControlRefusal) -> Bool? {
        switch self[name] {
        case nil: return nil
        case .bool(let value): return value
        default: throw ControlRefusal("\"\(name)\" is neither true nor false.")
        }
    }

    func text(_ name: String) throws(ControlRefusal) -> String? {
        switch self[name] {
        case nil: return nil
        case .string(let value): return value
        default: throw ControlRefusal("\"\(name)\" is not a text.")
        }
    }

    func texts(_ name: String) throws(ControlRefusal) -> [String]? {
        guard let value = self[name] else { return nil }
        guard case .array(let elements) = value else { throw ControlRefusal("\"\(name)\" is not a list of texts.") }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw ControlRefusal("\"\(name)\" is not a list of texts.") }
            texts.append(text)
        }
        return texts
    }

    /// A list of objects, each of which has to be read as strictly.
    func objects(_ name: String) throws(ControlRefusal) -> [ControlBody]? {
        guard let value = self[name] else { return nil }
        guard case .array(let elements) = value else { throw ControlRefusal("\"\(name)\" is not a list of objects.") }
        var objects: [ControlBody] = []
        for element in elements {
            guard case .object(let members) = element else {
                throw ControlRefusal("\"\(name)\" is not a list of objects.")
            }
            objects.append(ControlBody(members: members))
        }
        return objects
    }

    /// One of the names of an enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type = Choice.self
    ) throws(ControlRefusal) -> Choice? {
        guard let text = try text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw ControlRefusal(
                "\"\(name)\" is one of \(Self.enumerated(Choice.allCases.map(\.rawValue))), not \"\(text)\"."
            )
        }
        return choice
    }

    static func enumerated(_ names: [String]) -> String {
        names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    }
}
