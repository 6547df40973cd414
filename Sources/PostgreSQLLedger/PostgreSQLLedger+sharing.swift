package import Graph
package import Ledger
import Synchronization

extension PostgreSQLLedger {
    package func takeTurn(
        of profile: ProfileReference,
        work: Duration
    ) async throws(LedgerFault) -> SharedTurn {
        let key = Self.key(profile)
        // Between the two questions the holder may give it back.
        for _ in 0..<5 {
            let take = Query(.takeTurn, key + [.id(instance), .interval(work)])
            if var row = try await quick.rows(take).first {
                let (wasOthers, ends) = (try row.bool(), try row.microseconds())
                turns.withLock { $0[profile] = ends }
                return .taken(wasOthers: wasOthers)
            }
            if var row = try await quick.rows(Query(.turn, key)).first {
                return .busy(.microseconds(try row.integer()))
            }
        }
        return .busy(.zero)
    }

    package func endTurn(of profile: ProfileReference) async {
        guard let ends = turns.withLock({ $0.removeValue(forKey: profile) }) else { return }
        _ = try? await quick.rows(Query(.endTurn, Self.key(profile) + [.id(instance), .time(microseconds: ends)]))
    }

    private static func key(_ profile: ProfileReference) -> [Value] {
        [.text(profile.kind.rawValue), .uuid(profile.id.bytes)]
    }

    package func takePlace(
        in bucket: String,
        count: Int,
        interval: Duration,
        burst: Int,
        patience: Duration
    ) async throws(LedgerFault) -> SharedPlace {
        // To the microsecond, rounded up: in the long run never more than was asked for.
        let (seconds, attoseconds) = interval.components
        let whole = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let each = (whole + Int64(count) - 1) / Int64(count)
        let slack = each * Int64(burst - 1)
        let values: [Value] = [
            .text(bucket), .interval(.microseconds(each)), .interval(.microseconds(slack)), .interval(patience),
        ]
        guard var row = try await quick.rows(Query(.takePlace, values)).first else { throw .malformed }
        let (asked, place, isTaken) = (try row.microseconds(), try row.microseconds(), try row.bool())
        let (full, isClosed) = (try row.microseconds(), try row.bool())
        let free = isClosed ? 0 : (each * Int64(burst) - (full - asked)) / each
        return SharedPlace(
            isTaken: isTaken,
            wait: .microseconds(max(0, place - asked)),
            remaining: Int(min(max(0, free), Int64(burst))),
            fullAfter: .microseconds(max(0, full - asked, isClosed ? place - asked : 0))
        )
    }

    package func close(_ bucket: String, for duration: Duration) async throws(LedgerFault) {
        _ = try await quick.rows(Query(.closeBucket, [.text(bucket), .interval(duration)]))
    }
}
