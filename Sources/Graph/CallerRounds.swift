/// Whose turn it is among callers: in each round every caller may have one permit.
///
/// This is start-time fair queueing with permits that all cost the same: the round of a permit is the present one, or the one
/// after its caller's last where that is later. The present round is that of the last permit that left. So a caller that asks
/// for little is always near the front, and one that asks for much waits behind its own permits, not before those of others:
/// <https://doi.org/10.1109/90.649569>.
struct CallerRounds {
    private(set) var present = 0
    /// The last round of each caller, for as long as the present one has not passed it: none is earlier than that.
    private var last: [String: Int] = [:]

    /// Callers that are kept in mind.
    var count: Int { last.count }

    /// The round of the caller's next permit.
    mutating func next(for caller: String) -> Int {
        let round = last[caller].map { $0 + 1 } ?? present
        last[caller] = round
        return round
    }

    /// One of the caller's permits ended unused: its later ones each come a round earlier.
    mutating func giveBack(_ caller: String) {
        guard let round = last[caller] else { return }
        last[caller] = round > present ? round - 1 : nil
    }

    /// A permit of this round left.
    mutating func reach(_ round: Int) {
        guard round > present else { return }
        present = round
        last = last.filter { $0.value >= round }
    }

    /// Begins a round in which all callers are alike. Nobody may be waiting.
    mutating func beginAnew() {
        if last.isEmpty { return }
        present += 1
        last.removeAll()
    }
}
