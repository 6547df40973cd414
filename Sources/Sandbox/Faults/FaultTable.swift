/// The armed faults. Each counts every call of its operation; of those whose turn it is, the oldest strikes.
struct FaultTable: Sendable {
    private struct Entry {
        let fault: SandboxFault
        var seen = 0

        /// Counts one more call and says whether this is one to strike.
        mutating func strikes() -> Bool {
            seen += 1
            switch fault.calls {
            case .nth(let number): return seen == number
            case .next(let count): return seen <= count
            case .untilReset: return true
            }
        }

        var isSpent: Bool {
            switch fault.calls {
            case .nth(let count), .next(let count): seen >= count
            case .untilReset: false
            }
        }
    }

    private var entries: [Entry] = []

    /// Oldest first.
    var armed: [SandboxFault] { entries.map(\.fault) }

    mutating func arm(_ fault: SandboxFault) { entries.append(Entry(fault: fault)) }

    /// One call of `operation` arrived.
    mutating func next(for operation: SandboxOperation) -> SandboxFault? {
        guard !entries.isEmpty else { return nil }
        var striking: SandboxFault?
        for index in entries.indices where entries[index].fault.operation ?? operation == operation {
            if entries[index].strikes(), striking == nil { striking = entries[index].fault }
        }
        entries.removeAll(where: \.isSpent)
        return striking
    }
}
