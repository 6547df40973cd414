import TestSupport

/// What was seen of one row: of every request that it asked for.
struct RowReport: Sendable {
    var row: FaultRow
    var seen: Expectation
    /// What must hold whatever the row is, and does not.
    var breaches: [String] = []
    /// Of all the requests for one token, those that the server did not refuse unread.
    var mostActedUpon = 0
    var mostTokens = 0

    var isInOrder: Bool { seen == row.expected && breaches.isEmpty }
    /// One request at most that may have been acted upon, and one token.
    var isSafe: Bool { mostActedUpon <= 1 && mostTokens <= 1 }
}

/// All rows, run once and shared by the tests that look at them.
enum FaultTable {
    /// At a time: most of them wait most of the time.
    private static let width = 36

    static let reports = Task<[RowReport], any Error> { try await run(FaultRow.all) }

    private static func run(_ rows: [FaultRow]) async throws -> [RowReport] {
        let certificates = try Certificates()
        return try await withThrowingTaskGroup(of: (Int, RowReport).self) { group in
            var reports = [RowReport?](repeating: nil, count: rows.count)
            for (begun, index) in order(of: rows).enumerated() {
                if begun >= width, let (done, report) = try await group.next() { reports[done] = report }
                group.addTask { (index, try await settledReport(on: rows[index], certificates)) }
                // Nor begin: a gateway and a handshake are work.
                try await Task.sleep(for: .milliseconds(40))
            }
            for try await (done, report) in group { reports[done] = report }
            return reports.compactMap(\.self)
        }
    }

    /// Those that last long soon, and the others in between: many of the former keep the machine busy.
    private static func order(of rows: [FaultRow]) -> [Int] {
        let long = rows.indices.filter { rows[$0].fault.deadline == Fault.shortDeadline }
        var others = rows.indices.filter { rows[$0].fault.deadline != Fault.shortDeadline }[...]
        return long.flatMap { index in
            defer { others = others.dropFirst(3) }
            return [index] + others.prefix(3)
        } + others
    }

    /// A machine that stands still uses up the time that a row has; then it is run anew. What may never be is reported whenever it is seen.
    private static func settledReport(on row: FaultRow, _ certificates: Certificates) async throws -> RowReport {
        for _ in 1..<AnewAfterStandstill.attempts {
            let watch = Stopwatch()
            let report = try await report(on: row, certificates)
            if report.isInOrder || !report.isSafe || watch.standstill < AnewAfterStandstill.least {
                return report
            }
        }
        return try await report(on: row, certificates)
    }

    private static func report(on row: FaultRow, _ certificates: Certificates) async throws -> RowReport {
        async let created =
            row.fault.effect == .none ? nil : Scenario(row: row, creates: true, certificates: certificates).run()
        async let notCreated =
            row.fault.effect == .certain ? nil : Scenario(row: row, creates: false, certificates: certificates).run()
        return RowReport(row, created: try await created, notCreated: try await notCreated)
    }
}

extension RowReport {
    fileprivate init(_ row: FaultRow, created: Scenario.Result?, notCreated: Scenario.Result?) {
        let results = [created, notCreated].compactMap(\.self)
        self.row = row
        seen = Expectation(
            outcome: results[0].outcome,
            seen: results[0].seen,
            sentAgain: max(0, results[0].outcomes.count - 1),
            ifCreated: created?.answer,
            ifNotCreated: notCreated?.answer
        )
        if results.count == 2, results[0].outcome != results[1].outcome || results[0].seen != results[1].seen {
            breaches.append("when not created: \(results[1].outcome), saw \(results[1].seen)")
        }
        for result in results {
            breaches += result.breaches
            if row.expected.isRefusal, result.readsAfterwards > 0 { breaches.append("it was read back, or followed") }
            mostActedUpon = max(mostActedUpon, result.sightings.count { !$0.isRefused })
            mostTokens = max(mostTokens, result.tokens)
        }
        if let created, created.tokens != 1 { breaches.append("\(created.tokens) tokens were created") }
        if let notCreated, notCreated.tokens != 0 { breaches.append("a token was created") }
    }
}

extension Scenario.Result {
    /// What each try came to, the same in a row counted.
    var outcome: String {
        var parts: [(text: String, count: Int)] = []
        for text in outcomes {
            if parts.last?.text == text { parts[parts.count - 1].count += 1 } else { parts.append((text, 1)) }
        }
        guard !parts.isEmpty else { return "none: the profile could not be read before" }
        return parts.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) times)" }.joined(separator: ", then ")
    }

    /// How many requests the server saw: refused ones first, then those of which it had the head only, then whole ones.
    var seen: String {
        let refused = sightings.count { $0.isRefused }
        let begun = sightings.count { !$0.isRefused && !$0.isWhole }
        let whole = sightings.count { !$0.isRefused && $0.isWhole }
        var parts: [String] = []
        if refused > 0 { parts.append("\(refused) refused") }
        if begun > 0 { parts.append("\(begun) begun") }
        if whole > 0 { parts.append("\(whole)") }
        return parts.isEmpty ? "0" : parts.joined(separator: " + ")
    }

    /// What must hold on every row.
    fileprivate var breaches: [String] {
        var breaches: [String] = []
        if cameOnRightConnection == false { breaches.append("it came on another connection than the row says") }
        // What TLS and sockets hold on the way is more than what the gateway takes.
        if poured > 16 << 20 { breaches.append("it took \(poured) bytes") }
        return breaches
    }
}
