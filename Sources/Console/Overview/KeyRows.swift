import Activity
import KeyRing
import Transport

/// One page of the key ring's table: what needs somebody's eye comes first.
///
/// Of ten thousand keys only those are put in order that share their place with the page's, and none of them is copied.
struct KeyRows {
    static let perPage = 50

    enum State: String, CaseIterable {
        case ending
        case live
        case notYetValid = "not-yet-valid"
        case expired
        case revoked
    }

    struct Row {
        /// In the ring's entries; `nil` for the one key of `API_KEY`.
        var index: Int?
        var state: State
        /// It ended or was revoked, and somebody shows it all the same.
        var isStillUsed = false
    }

    /// The order of the table. Each place is put in order by itself.
    private enum Place: Int, CaseIterable {
        case stillUsed, ending, single, live, notYetValid, expired, revoked
    }

    let rows: [Row]
    private(set) var counts: [State: Int] = [:]
    let total: Int
    /// From 1; the last one where there are not so many.
    let page: Int
    let pages: Int

    init(_ reading: ConsoleReading, page wanted: Int) {
        let ring = reading.keyRing
        var places = Places(entries: ring.entries, uses: reading.history.keys, now: reading.now)
        places.sortOut()
        counts = places.counts
        if ring.hasSingle { counts[.live, default: 0] += 1 }
        total = Self.total(of: ring)
        pages = Self.pages(of: ring)
        page = min(max(wanted, 1), pages)

        var rows: [Row] = []
        var passed = 0
        let range = (page - 1) * Self.perPage..<page * Self.perPage
        for place in Place.allCases {
            if place == .single {
                if ring.hasSingle, range.contains(passed) { rows.append(Row(index: nil, state: .live)) }
                passed += ring.hasSingle ? 1 : 0
                continue
            }
            let count = places.members[place.rawValue].count
            let shown = range.clamped(to: passed..<passed + count)
            if !shown.isEmpty {
                for index in places.ordered(place)[(shown.lowerBound - passed)..<(shown.upperBound - passed)] {
                    rows.append(
                        Row(index: Int(index), state: places.state(Int(index)), isStillUsed: place == .stillUsed)
                    )
                }
            }
            passed += count
        }
        self.rows = rows
    }

    static func pages(of ring: KeyRingFacts) -> Int { max(1, (total(of: ring) + perPage - 1) / perPage) }

    private static func total(of ring: KeyRingFacts) -> Int { ring.entries.count + (ring.hasSingle ? 1 : 0) }

    private struct Places {
        let entries: [KeyEntry]
        let uses: [KeyID: RequestHistory.KeyUse]
        let now: Timestamp
        var members: [[Int32]] = Array(repeating: [], count: Place.allCases.count)
        var counts: [State: Int] = [:]

        init(entries: [KeyEntry], uses: [KeyID: RequestHistory.KeyUse], now: Timestamp) {
            self.entries = entries
            self.uses = uses
            self.now = now
        }

        mutating func sortOut() {
            for index in entries.indices {
                let state = state(index)
                counts[state, default: 0] += 1
                members[place(index, state).rawValue].append(Int32(index))
            }
        }

        func state(_ index: Int) -> State {
            switch entries[index].state(at: now) {
            case .revoked: return .revoked
            case .expired: return .expired
            case .notYetValid: return .notYetValid
            case .live:
                guard let end = entries[index].expiresAt, end - now <= KeyRingFacts.nearEnd else { return .live }
                return .ending
            }
        }

        private func place(_ index: Int, _ state: State) -> Place {
            switch state {
            case .ending: .ending
            case .live: .live
            case .notYetValid: .notYetValid
            case .expired: isUsed(index, after: entries[index].expiresAt) ? .stillUsed : .expired
            case .revoked: isUsed(index, after: entries[index].revokedAt) ? .stillUsed : .revoked
            }
        }

        /// In the last hour. Its uses before that are no news.
        private func isUsed(_ index: Int, after end: Timestamp?) -> Bool {
            guard let end, let use = uses[entries[index].id], let lastUsed = use.lastUsed else { return false }
            return use.requests > 0 && lastUsed > end
        }

        func ordered(_ place: Place) -> [Int32] {
            switch place {
            case .ending: members[place.rawValue].sorted { precedes($0, $1, by: { entries[$0].expiresAt }) }
            case .notYetValid: members[place.rawValue].sorted { precedes($0, $1, by: { entries[$0].notBefore }) }
            case .stillUsed, .single, .live, .expired, .revoked:
                members[place.rawValue].sorted { precedes($0, $1, by: { _ in nil }) }
            }
        }

        /// By a time where there is one, then by caller, then by id.
        private func precedes(_ left: Int32, _ right: Int32, by time: (Int) -> Timestamp?) -> Bool {
            let (left, right) = (Int(left), Int(right))
            if let first = time(left), let second = time(right), first != second { return first < second }
            if entries[left].caller != entries[right].caller { return entries[left].caller < entries[right].caller }
            return entries[left].id < entries[right].id
        }
    }
}
