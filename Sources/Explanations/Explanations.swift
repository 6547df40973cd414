/// The one table of explanations: `explain`, `doctor`, the log and docs/errors.md all read it.
package enum Explanations {
    /// All of them, in the order of their areas.
    package static let all: [Explanation] =
        gateway + credential + readiness + secrets + assertions + applications + tenants + scopes + policies + service
        + oauth
        + graph + transport

    /// Those of one area.
    package static func all(of area: Explanation.Area) -> [Explanation] { all.filter { $0.area == area } }

    /// What `text` means: a code in any case; AADSTS codes with or without their letters. One text may be a code of several
    /// areas, for example `conflict`. Empty when it is none.
    ///
    /// What is around a code in a longer text does no harm: the first AADSTS code in it counts, else the first word that is one.
    package static func find(_ text: String) -> [Explanation] {
        if let found = index[key(of: text)] { return found }
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }.prefix(200).map(String.init)
        var candidates: [String] = []
        for (word, next) in zip(words, words.dropFirst() + [""]) where word.lowercased().hasPrefix("aadsts") {
            candidates.append(word.count == prefix.count ? word + next : word)
        }
        return (candidates + words.filter { $0.contains { !$0.isNumber } }).lazy.compactMap { index[key(of: $0)] }.first
            ?? []
    }

    /// By what codes and aliases are compared as.
    private static let index: [String: [Explanation]] = {
        var index: [String: [Explanation]] = [:]
        for entry in all {
            for code in [entry.code] + entry.aliases { index[key(of: code), default: []].append(entry) }
        }
        return index
    }()

    /// The code in `area`, in any case.
    package static func find(_ text: String, in area: Explanation.Area) -> Explanation? {
        find(text).first { $0.area == area }
    }

    /// The AADSTS code of that number.
    package static func aadsts(_ number: Int) -> Explanation? { find("\(prefix)\(number)", in: .entra) }

    /// What Graph answered: by its code, else by its status.
    package static func graph(code: String?, status: Int) -> Explanation? {
        code.flatMap { find($0, in: .graph) } ?? find(String(status), in: .graph)
    }

    /// Codes that are written almost like `text`, the nearest first; at most five.
    package static func near(_ text: String) -> [String] {
        let key = key(of: text)
        guard !key.isEmpty else { return [] }
        let farthest = max(1, key.count / 3)
        var found: [(code: String, distance: Int)] = []
        for entry in all where !found.contains(where: { $0.code == entry.code }) {
            let other = Self.key(of: entry.code)
            let distance = other.hasPrefix(key) || key.hasPrefix(other) ? 1 : SpellingDistance.between(key, other)
            if distance <= farthest { found.append((entry.code, distance)) }
        }
        // The order of the table among equals: sort(by:) promises none.
        let ordered = found.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
        return ordered.prefix(5).map(\.element.code)
    }

    private static let prefix = "AADSTS"

    /// What is compared: lower case, without blanks around, the colon that stands behind a code in Entra's texts, and AADSTS.
    private static func key(of text: String) -> String {
        var key = text.lowercased()[...]
        let isTrimmed: (Character) -> Bool = { $0.isWhitespace || $0 == ":" || $0 == "\"" || $0 == "'" }
        while let first = key.first, isTrimmed(first) { key.removeFirst() }
        while let last = key.last, isTrimmed(last) { key.removeLast() }
        let digits = key.dropFirst(prefix.count)
        if key.hasPrefix(prefix.lowercased()), !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return String(digits)
        }
        return String(key)
    }
}
