/// The key ring's file as a text: one JSON object, `{"version": 1, "keys": […]}`.
///
/// Strict on purpose. A member that is misspelt could be an end that never comes or a bound that does not hold; so one that is
/// not known, or stands there twice, makes the whole document a broken one.
package struct KeyRingDocument: Sendable {
    package static let version = 1
    /// Longer ones are refused, comments included.
    static let longestString = 1024
    /// After so many problems the rest is not looked at.
    static let mostProblems = 10

    package var entries: [KeyEntry]
    /// What the file names as its schema, for the editor that it was written with.
    package var schema: String?
    /// Of the bytes that it was read from.
    var fingerprint: KeyDigest?

    package init(entries: [KeyEntry] = [], schema: String? = nil) {
        self.entries = entries
        self.schema = schema
    }
}

/// One thing that is wrong with the document.
package struct KeyRingProblem: Sendable, Equatable, CustomStringConvertible {
    /// Where: `keys[3].rights[0]`, with the key's id where it has one; `nil` for the document as a whole.
    package var place: String?
    /// The middle of a sentence whose subject is what stands at the place.
    package var reason: String

    package var description: String { place.map { "\($0): \(reason)" } ?? reason }
}

/// Everything that is wrong with a document, so far as it is told.
package struct KeyRingFault: Error, Sendable, Equatable, CustomStringConvertible {
    package var problems: [KeyRingProblem]
    /// Whether there are more.
    package var hasMore: Bool
    /// Whether the content could not be had at all, which may pass without a change of the file.
    package var isOfReading: Bool

    package init(_ problems: [KeyRingProblem], hasMore: Bool = false, isOfReading: Bool = false) {
        self.problems = problems
        self.hasMore = hasMore
        self.isOfReading = isOfReading
    }

    package init(_ reason: String) { self.init([KeyRingProblem(place: nil, reason: reason)]) }

    package var description: String {
        problems.map(\.description).joined(separator: "; ") + (hasMore ? "; and more" : "")
    }
}
