/// What a row of the table says: demanded by the design, and compared with what was seen.
struct Expectation: Sendable, Equatable {
    /// What each try came to, as the transport reports it.
    var outcome: String
    /// The requests for `createToken` that Graph's side saw.
    var seen = "1"
    /// How often the gateway sent again.
    var sentAgain = 0
    /// What the caller is told when Graph created a token; none where that cannot be.
    var ifCreated: String?
    /// The same when it did not.
    var ifNotCreated: String?

    /// The cells of the table.
    var cells: [String] { [outcome, seen, "\(sentAgain)", ifCreated ?? "–", ifNotCreated ?? "–"] }
    var summary: String { cells.joined(separator: " | ") }

    /// An answer that says that nothing was done, after which nothing else is asked.
    var isRefusal: Bool { ifCreated == nil && outcome.hasPrefix("answered") }

    static let failed = "502 `graph-failed`, not created"
    static let unreachable = "502 `graph-unreachable`, not created"
    static let outcomeUnknown = "504 `outcome-unknown`"

    /// Not a byte left, on any try: said to be so without reading back.
    static func notSent(_ kind: String) -> Expectation {
        Expectation(outcome: "not sent: \(kind) (3 times)", seen: "0", sentAgain: 2, ifNotCreated: unreachable)
    }

    /// Something left, and no answer came: read back, never sent again.
    static func unknown(_ kind: String, after status: Int? = nil, seen: String = "1") -> Expectation {
        Expectation(
            outcome: "unknown: \(kind)" + (status.map { " after \($0)" } ?? ""),
            seen: seen,
            ifCreated: "201, read back",
            ifNotCreated: failed
        )
    }

    /// The same where Graph's side never had the whole request.
    static func unread(_ kind: String, seen: String) -> Expectation {
        var expected = unknown(kind, seen: seen)
        expected.ifCreated = nil
        return expected
    }

    /// Our own deadline ended it: Graph may still be at work, so that reading back proves no "no".
    static func timedOut(after status: Int? = nil) -> Expectation {
        var expected = unknown("timed-out", after: status)
        expected.ifNotCreated = outcomeUnknown
        return expected
    }

    /// The one answer that Graph documents.
    static let created = Expectation(outcome: "answered 204", ifCreated: "201")

    /// An answer that says nothing of what was done: read back.
    static func ambiguous(_ status: Int) -> Expectation {
        Expectation(outcome: "answered \(status)", ifCreated: "201, read back", ifNotCreated: failed)
    }

    /// An answer that says that nothing was done.
    static func refused(_ status: Int, _ answer: String = failed) -> Expectation {
        Expectation(outcome: "answered \(status)", ifNotCreated: answer)
    }

    /// The first try provably did nothing; the second one went well.
    static func secondTry(after outcome: String, seen: String) -> Expectation {
        Expectation(outcome: "\(outcome), then answered 204", seen: seen, sentAgain: 1, ifCreated: "201")
    }
}
