package import Transport

/// Names a request among those of all starts: `mij3k2p9-57`. Numbers begin anew with each start, and an address may outlive it.
package struct RequestName: Sendable, Hashable, LosslessStringConvertible {
    /// Of the gateway; see ``start(at:)``.
    package var start: String
    package var number: Int

    package init(start: String, number: Int) {
        self.start = start
        self.number = number
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0, "\(number)" == parts[1] else { return nil }
        self.init(start: String(parts[0]), number: number)
    }

    package var description: String { "\(start)-\(number)" }

    /// A word that is another one at each start.
    package static func start(at time: Timestamp) -> String {
        String(Int64(max(0, time.secondsSince1970 * 1000)), radix: 36)
    }
}
