import JSONText

extension KeyRingDocument {
    /// - Throws: every problem of the document, at most ``mostProblems`` of them.
    package init(_ bytes: [UInt8]) throws(KeyRingFault) {
        var reader = KeyRingDocumentReader(bytes)
        self = try reader.document()
        fingerprint = KeyDigest(of: bytes)
    }
}

/// Reads the document from its first byte to its last.
private struct KeyRingDocumentReader {
    private var scanner: JSONScanner
    private var problems = KeyRingProblems()
    private let isEmpty: Bool

    init(_ bytes: [UInt8]) {
        isEmpty = bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        scanner = JSONScanner(bytes, longestString: KeyRingDocument.longestString)
    }

    mutating func document() throws(KeyRingFault) -> KeyRingDocument {
        guard !isEmpty else { throw KeyRingFault("it is empty") }
        var document = KeyRingDocument()
        do throws(JSONFault) {
            try read(&document)
        } catch {
            if problems.isFull { try problems.finish() }
            throw KeyRingFault(
                "it cannot be read as JSON: line \(error.line), column \(error.column): \(error.reason)"
            )
        }
        try problems.finish()
        return document
    }

    private mutating func read(_ document: inout KeyRingDocument) throws(JSONFault) {
        var seen: Set<String> = []
        guard try scanner.kind() == .object else { return problems.add(nil, "it is not one JSON object") }
        try scanner.beginObject()
        while let member = try scanner.nextMember() {
            guard seen.insert(member).inserted else {
                problems.add(member, "stands there more than once")
                try scanner.skip()
                continue
            }
            switch member {
            case "$schema":
                if try scanner.kind() == .string {
                    document.schema = try scanner.string()
                } else {
                    problems.add(member, "is no string")
                    try scanner.skip()
                }
            case "version": try readVersion()
            case "keys": document.entries = try readKeys()
            default:
                problems.add(nil, "it has the unknown member \"\(PlaceName.safe(member))\"")
                try scanner.skip()
            }
        }
        try scanner.end()
        if !seen.contains("version") { problems.add(nil, "it has no \"version\"") }
        if !seen.contains("keys") { problems.add(nil, "it has no \"keys\"") }
    }

    private mutating func readVersion() throws(JSONFault) {
        let kind = try scanner.kind()
        let isKnown: Bool
        if kind == .number {
            isKnown = try scanner.number() == .integer(KeyRingDocument.version)
        } else {
            isKnown = false
            try scanner.skip()
        }
        if !isKnown { problems.add("version", "is not \(KeyRingDocument.version), the one that this gateway knows") }
    }

    private mutating func readKeys() throws(JSONFault) -> [KeyEntry] {
        guard try scanner.kind() == .array else {
            problems.add("keys", "is no array")
            try scanner.skip()
            return []
        }
        var entries: [KeyEntry] = []
        var places: [KeyID: Int] = [:]
        var index = 0
        try scanner.beginArray()
        while try scanner.nextElement() {
            defer { index += 1 }
            var fields = KeyFields(place: "keys[\(index)]")
            try fields.read(from: &scanner)
            let entry = fields.entry(&problems)
            // A file that is wrong throughout need not be read to its end.
            if problems.isFull { throw scanner.fault("there are too many problems") }
            guard let entry else { continue }
            if let first = places[entry.id] {
                problems.add("keys[\(index)].id", "\(entry.id) is the id of keys[\(first)] too")
            }
            places[entry.id] = index
            entries.append(entry)
        }
        return entries
    }
}

/// What is found wrong on the way.
struct KeyRingProblems {
    private var told: [KeyRingProblem] = []
    /// There are more than are told.
    private(set) var isFull = false

    mutating func add(_ place: String?, _ reason: String) {
        if told.count < KeyRingDocument.mostProblems {
            told.append(KeyRingProblem(place: place, reason: reason))
        } else {
            isFull = true
        }
    }

    func finish() throws(KeyRingFault) {
        guard told.isEmpty else { throw KeyRingFault(told, hasMore: isFull) }
    }
}

/// Names out of a document that are shown: only harmless ones, and not whole if they are long.
enum PlaceName {
    static func safe(_ text: String) -> String {
        let text = APIKey.masked(in: text)
        let shown = text.unicodeScalars.prefix(40).map { scalar in
            scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\"" || scalar == "…" ? Character(scalar) : "?"
        }
        return String(shown) + (text.unicodeScalars.count > 40 ? "…" : "")
    }
}
