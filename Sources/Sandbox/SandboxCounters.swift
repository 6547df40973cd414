/// What the sandbox saw, per operation. A request is counted when its head arrived, whatever became of it.
package struct SandboxCounters: Sendable, Equatable {
    package struct Tally: Sendable, Equatable {
        /// Requests whose head arrived.
        package var arrived = 0
        /// How often the operation was done: a token was issued, a profile was read, an enrollment token was made.
        package var effective = 0
        /// Whole answers by status.
        package var answered: [Int: Int] = [:]
        /// Requests that got no whole answer: a fault cut it, or the client left.
        package var broken = 0

        package init() {}

        /// Whole answers, of any status.
        package var completed: Int { answered.values.reduce(0, +) }
    }

    private var tallies: [SandboxOperation: Tally] = [:]

    package init() {}

    package subscript(operation: SandboxOperation) -> Tally {
        get { tallies[operation] ?? Tally() }
        set { tallies[operation] = newValue }
    }

    var document: JSONValue {
        .object(
            SandboxOperation.allCases.map { operation in
                let tally = self[operation]
                let statuses = tally.answered.sorted { $0.key < $1.key }.map {
                    JSONValue.Member(name: String($0.key), value: .integer(Int64($0.value)))
                }
                return JSONValue.Member(
                    name: operation.rawValue,
                    value: [
                        "arrived": .integer(Int64(tally.arrived)),
                        "effective": .integer(Int64(tally.effective)),
                        "completed": .integer(Int64(tally.completed)),
                        "broken": .integer(Int64(tally.broken)),
                        "byStatus": .object(statuses),
                    ]
                )
            }
        )
    }
}
