package import Graph
import Synchronization
package import Transport

/// What gateways agree on through the ledger: the profiles' turns and the pacing, where they share a store; and what was done to a
/// profile before this process began.
package final class LedgerPeers: GatewayPeers {
    /// Writes so long ago may not be shown by Graph yet.
    static let span = Duration.seconds(60)
    /// Between two tries to have a turn that another gateway has.
    static let firstPause = Duration.milliseconds(15)
    static let longestPause = Duration.milliseconds(250)
    /// A shared limit is given out in bursts of this part of it: what is left is the steady rate, so that both together keep to it.
    static let burstPart = 8
    /// Of so many profiles it is remembered that their past is known.
    static let capacity = 100_000

    private let store: any LedgerStore
    private let limit: WriteLimit?
    private let bucket: String
    private let clock: any MonotonicClock
    private let jitter: @Sendable () -> Double
    private let known = Mutex<Set<ProfileReference>>([])

    /// - Parameters:
    ///   - limit: of Graph's writes; `nil`: none.
    ///   - tenant: whose limit it is: an app in a tenant.
    package init(
        store: any LedgerStore,
        limit: WriteLimit?,
        tenant: String,
        clock: any MonotonicClock = ContinuousClock(),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0.7...1.3) }
    ) {
        self.store = store
        self.limit = limit
        bucket = "graph-writes:\(tenant)"
        self.clock = clock
        self.jitter = jitter
    }

    package var sharesLimit: Bool { limit != nil && store.sharing != nil }

    package func beginTurn(
        of profile: ProfileReference,
        before deadline: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws(PeerRefusal) -> [PeerWrite] {
        guard let sharing = store.sharing else {
            return isKnown(profile) ? [] : try await past(of: profile)
        }
        guard try await take(profile, sharing, before: deadline, until: end) || !isKnown(profile) else { return [] }
        do throws(PeerRefusal) {
            return try await past(of: profile)
        } catch {
            // The next turn must not pass for one after ours.
            known.withLock { _ = $0.remove(profile) }
            await sharing.endTurn(of: profile)
            throw error
        }
    }

    package func endTurn(of profile: ProfileReference) async { await store.sharing?.endTurn(of: profile) }

    package func permit(before deadline: ContinuousClock.Instant) async throws(PeerRefusal) {
        guard let limit, let sharing = store.sharing else { return }
        let burst = max(1, limit.count / Self.burstPart)
        let place: SharedPlace
        do throws(LedgerFault) {
            place = try await sharing.takePlace(
                in: bucket,
                count: max(1, limit.count - burst),
                interval: limit.interval,
                burst: burst,
                patience: deadline - clock.now
            )
        } catch {
            throw .unreachable
        }
        guard place.isTaken else { throw .throttled(place.wait) }
        guard place.wait > .zero else { return }
        do { try await clock.sleep(for: place.wait) } catch { throw .cancelled }
    }

    package func close(for duration: Duration) async {
        if limit != nil { try? await store.sharing?.close(bucket, for: duration) }
    }

    /// - Returns: whether others may have had the turn since this process had it last.
    private func take(
        _ profile: ProfileReference,
        _ sharing: any LedgerSharing,
        before deadline: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws(PeerRefusal) -> Bool {
        var pause = Self.firstPause
        while true {
            let turn: SharedTurn
            do throws(LedgerFault) {
                turn = try await sharing.takeTurn(of: profile, work: end - clock.now)
            } catch {
                throw .unreachable
            }
            switch turn {
            case .taken(let wasOthers): return wasOthers
            case .busy(let rest):
                let wait = min(rest, pause) * jitter()
                guard clock.now.advanced(by: wait) < deadline else { throw .busy }
                do { try await clock.sleep(for: wait) } catch { throw .cancelled }
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private func isKnown(_ profile: ProfileReference) -> Bool { known.withLock { $0.contains(profile) } }

    private func past(of profile: ProfileReference) async throws(PeerRefusal) -> [PeerWrite] {
        let asked = clock.now
        let writes: [PastWrite]
        do throws(LedgerFault) {
            writes = try await store.writes(on: profile, within: Self.span)
        } catch {
            throw .unreachable
        }
        let answered = clock.now
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll() }
            known.insert(profile)
        }
        return writes.compactMap { write in
            guard write.record.instance != store.instance else { return nil }
            return PeerWrite(write, asked: asked, answered: answered)
        }
    }
}

extension PeerWrite {
    /// - Returns: `nil` for what has changed nothing.
    fileprivate init?(_ write: PastWrite, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant) {
        let isCertain: Bool
        switch write.record.state {
        case .created, .revoked: isCertain = true
        case .sent, .unknown: isCertain = false
        case .accepted, .reused, .refused: return nil
        }
        let sent = asked.advanced(by: .zero - write.sentAgo)
        // Where it is not known, somebody may have been at work on it until now.
        let end = write.decidedAgo.map { answered.advanced(by: .zero - $0) } ?? answered
        self.init(
            kind: write.record.validityInSeconds.map { .creation(validity: .seconds($0)) } ?? .revocation,
            sent: sent,
            answered: isCertain ? end : answered,
            isCertain: isCertain
        )
    }
}
