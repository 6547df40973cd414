import Synchronization
import Transport

/// Which tokens this process has seen on a profile, which of them it knows to have been replaced, and since when the profile shows
/// the one that it shows.
///
/// A profile never shows a token again once another has taken its place. A read that does so is late: what it shows is no
/// baseline, and proves nothing about a creation.
final class SeenTokens: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Sights {
        var present: TokenState?
        /// When the first answer was here that showed it.
        var firstSeen = ContinuousClock.now
        /// Another that one read has shown, and when that was answered. One read may show the past; two in a row are believed.
        var candidate: (token: TokenState, answered: Instant)?
        /// The last ones, newest last, each with the time at which that was known.
        var replaced: [(token: TokenState, at: Instant)] = []
        /// What the last read showed, late or not, and since when reads have shown nothing else.
        var shown: (token: TokenState, since: Instant)?

        mutating func replacePresent(at moment: Instant) {
            guard let present else { return }
            markReplaced(present, at: moment)
            self.present = nil
        }

        mutating func markReplaced(_ token: TokenState, at moment: Instant) {
            replaced.append((token, moment))
            if replaced.count > SeenTokens.depth { replaced.removeFirst() }
        }

        /// A mark that is old proves nothing: Graph would have caught up, so what is still shown was marked by mistake.
        func isReplaced(_ state: TokenState, at moment: Instant) -> Bool {
            replaced.contains { moment - $0.at <= ProfileHistory.latest && $0.token.isSameToken(as: state) }
        }
    }

    /// So many replaced tokens are remembered of each profile: more than come about while Graph lags.
    static let depth = 8
    /// Of so many profiles. Forgetting is safe as long as Graph does not lag.
    static let capacity = 10_000

    private let sights = Mutex<[ProfileReference: Sights]>([:])

    /// Whether a read shows what was replaced. Else it is noted as what the profile has, in place of what it had.
    ///
    /// - Parameters:
    ///   - asked: when the read was asked for.
    ///   - answered: when its answer was here.
    func isLate(_ state: TokenState, of profile: ProfileReference, asked: Instant, answered: Instant) -> Bool {
        // A profile can be without a token more than once.
        guard state.value != nil else { return false }
        return change(profile) { own in
            if own.isReplaced(state, at: asked) { return true }
            if let present = own.present, !present.isSameToken(as: state) {
                // Reads may overtake each other: only one that was asked for later shows something newer for sure.
                guard asked >= own.firstSeen, !state.isOlder(than: present) else { return true }
                guard let candidate = own.candidate, candidate.token.isSameToken(as: state), asked >= candidate.answered
                else {
                    own.candidate = (state.withoutQRCode, answered)
                    return false
                }
                own.replacePresent(at: answered)
                own.firstSeen = candidate.answered
            } else if own.present == nil {
                own.firstSeen = answered
            }
            own.candidate = nil
            own.present = state.withoutQRCode
            own.replaced.removeAll { $0.token.isSameToken(as: state) }
            return false
        }
    }

    /// The same of a read.
    func isLate(_ read: GraphReader.Read<TokenState>, of profile: ProfileReference) -> Bool {
        isLate(read.value, of: profile, asked: read.asked, answered: read.answered)
    }

    /// Whether the profile is known to have had another token since, without noting anything.
    func isReplaced(_ state: TokenState, on profile: ProfileReference, at moment: Instant) -> Bool {
        state.value != nil && sights.withLock { $0[profile]?.isReplaced(state, at: moment) ?? false }
    }

    /// For how long reads have shown just this, up to when this one was asked for.
    func timeShown(_ read: GraphReader.Read<TokenState>, on profile: ProfileReference) -> Duration {
        change(profile) { own in
            if let shown = own.shown, shown.token.isSameToken(as: read.value) {
                return max(.zero, read.asked - shown.since)
            }
            own.shown = (read.value.withoutQRCode, read.answered)
            return .zero
        }
    }

    /// Whether the profile showed this token already before `moment`: then no later creation made it.
    func wasSeen(_ state: TokenState, on profile: ProfileReference, before moment: Instant) -> Bool {
        sights.withLock { sights in
            guard let own = sights[profile] else { return false }
            if let candidate = own.candidate, candidate.answered <= moment, candidate.token.isSameToken(as: state) {
                return true
            }
            return own.firstSeen <= moment && own.present?.isSameToken(as: state) ?? false
        }
    }

    /// Graph has confirmed a creation or a revocation: whatever was seen before it was sent is replaced. What was seen first after
    /// that may be the new token.
    func replaced(on profile: ProfileReference, before sent: Instant) {
        sights.withLock { sights in
            guard var own = sights[profile] else { return }
            if own.firstSeen <= sent { own.replacePresent(at: sent) }
            if let candidate = own.candidate, candidate.answered <= sent {
                own.markReplaced(candidate.token, at: sent)
                own.candidate = nil
            }
            // What is shown from now on is shown anew.
            if let shown = own.shown, shown.since <= sent { own.shown = nil }
            sights[profile] = own
        }
    }

    private func change<Value>(_ profile: ProfileReference, _ body: (inout Sights) -> Value) -> Value {
        sights.withLock { sights in
            if sights.count >= Self.capacity, sights[profile] == nil { sights.removeAll() }
            return body(&sights[profile, default: Sights()])
        }
    }
}

extension TokenState {
    /// By Graph's own times, where it tells them.
    fileprivate func isOlder(than other: TokenState) -> Bool {
        guard let createdAt, let others = other.createdAt else { return false }
        return createdAt < others
    }
}
