import Graph
import JSONText
import Settings
import Transport

/// The members of one key in the document, as they were written, until it is known whether they make a key.
struct KeyFields {
    /// Every member that a key may have, in the order in which they are written.
    enum Member: String, CaseIterable {
        case id, caller, digest, lastFour, rights, profiles, kinds
        case maxValidity = "maxValidityInSeconds"
        case rateLimit, burst, createdAt, notBefore, expiresAt, revokedAt, comment

        static let required: Set<Member> = [.id, .caller, .digest, .rights, .profiles, .createdAt]
    }

    enum Value {
        case text(String)
        case texts([String])
        case number(Int)
        /// Of no kind that any member takes.
        case other
    }

    private let place: String
    private var values: [Member: Value] = [:]
    private var isObject = true
    private var unknown: [String] = []
    private var doubled: Set<Member> = []

    init(place: String) { self.place = place }

    mutating func read(from scanner: inout JSONScanner) throws(JSONFault) {
        guard try scanner.kind() == .object else {
            isObject = false
            return try scanner.skip()
        }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            let value = try Self.value(from: &scanner)
            guard let member = Member(rawValue: name) else {
                unknown.append(name)
                continue
            }
            if values.updateValue(value, forKey: member) != nil { doubled.insert(member) }
        }
    }

    private static func value(from scanner: inout JSONScanner) throws(JSONFault) -> Value {
        switch try scanner.kind() {
        case .string: return .text(try scanner.string())
        case .number:
            if case .integer(let number?) = try scanner.number() { return .number(number) }
            return .other
        case .array:
            var texts: [String] = []
            var isPure = true
            try scanner.beginArray()
            while try scanner.nextElement() {
                if try scanner.kind() == .string {
                    texts.append(try scanner.string())
                } else {
                    isPure = false
                    try scanner.skip()
                }
            }
            return isPure ? .texts(texts) : .other
        case .object, .boolean, .null:
            try scanner.skip()
            return .other
        }
    }

    // MARK: Meaning

    /// The key, or `nil` with the reasons in `problems`.
    func entry(_ problems: inout KeyRingProblems) -> KeyEntry? {
        guard isObject else {
            problems.add(place, "is no JSON object")
            return nil
        }
        let reader = KeyFieldReader(values: values, place: named)
        for name in unknown { problems.add(named, "has the unknown member \"\(PlaceName.safe(name))\"") }
        for member in Member.allCases where doubled.contains(member) {
            problems.add(named, "has \"\(member.rawValue)\" more than once")
        }
        return reader.entry(&problems)
    }

    /// With the id, where there is a readable one: people look for it, not for a number.
    private var named: String {
        if case .text(let text)? = values[.id], let id = KeyID(text) { return "\(place) (\(id))" }
        return place
    }
}
