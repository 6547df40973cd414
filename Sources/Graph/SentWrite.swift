package import Transport

/// A write of some time ago whose outcome was not known then: because its answer was lost, or because the process that sent it is no
/// more.
package struct SentWrite: Sendable {
    package enum Kind: Sendable {
        case creation(validity: Duration)
        case revocation
    }

    /// Another write to the same profile, as a source of tokens that must not be taken for this one's.
    package struct Neighbour: Sendable {
        package var validity: Duration
        /// Its token was created no earlier than this on Graph's clock, if at all, and no later than ``to``.
        package var from: Timestamp
        package var to: Timestamp
        /// Whether it was sent before this one.
        package var isEarlier: Bool

        package init(validity: Duration, from: Timestamp, to: Timestamp, isEarlier: Bool = false) {
            self.validity = validity
            self.from = from
            self.to = to
            self.isEarlier = isEarlier
        }
    }

    package var profile: ProfileReference
    package var kind: Kind
    package var facts: SendFacts
    /// So long after it left Graph may have acted on it.
    package var work: Duration
    /// A "no" is believed of no read that was asked for earlier.
    package var settled: ContinuousClock.Instant
    /// In the order in which they were sent.
    package var neighbours: [Neighbour]
    /// Whether a revocation was sent after it of which nothing is certain: it may have ended the token of a creation.
    package var isFollowedByRevocation: Bool

    package init(
        profile: ProfileReference,
        kind: Kind,
        facts: SendFacts,
        work: Duration,
        settled: ContinuousClock.Instant,
        neighbours: [Neighbour],
        isFollowedByRevocation: Bool = false
    ) {
        self.profile = profile
        self.kind = kind
        self.facts = facts
        self.work = work
        self.settled = settled
        self.neighbours = neighbours
        self.isFollowedByRevocation = isFollowedByRevocation
    }

    /// The slack of reading back, which is that of a neighbour's times, too.
    package static var slack: Duration { ReadBackWindow.slack }
}

extension SentWrite {
    /// What one read says of it.
    func sighting(of state: TokenState, on clock: GraphClock) -> Sighting {
        switch kind {
        case .creation(let validity): sighting(of: state, living: validity, on: clock)
        case .revocation:
            // It is over, by whomever.
            if state.value == nil { .ours } else { isBefore(state) ? .before : .other }
        }
    }

    private func sighting(of state: TokenState, living validity: Duration, on clock: GraphClock) -> Sighting {
        let isOurs = Self.isCreated(state, living: validity, from: facts.earliest, to: facts.latest + work)
        // What a revocation leaves behind need not be told from what was there before.
        if state.value == nil, isFollowedByRevocation { return .other }
        if isBefore(state) {
            // Graph may leave fractions of seconds out: then two tokens of one second look the same.
            if isOurs, state.isInWholeSeconds { return .other }
            // Ours may have been there, and ended since.
            if state.value == nil, clock.latest(at: clock.instant) >= facts.earliest + validity { return .other }
            return .before
        }
        guard state.value != nil, facts.isGraphsTime else { return .other }
        // By its own times it was there before, or was over before.
        if let createdAt = state.createdAt, createdAt < facts.earliest - Self.slack { return .before }
        if let end = state.expiresAt, end <= facts.earliest { return .before }
        guard isOurs, !pending.contains(where: { $0.mayBeShown(by: state) }) else { return .other }
        return .ours
    }

    /// Those whose tokens may have come to be shown after the send. What the profile showed before it was the last one that it can
    /// have been, and those before that one were over: it shows them no more.
    private var pending: ArraySlice<Neighbour> {
        let shown = neighbours.lastIndex { $0.isEarlier && $0.mayBeShown(by: facts.before) }
        return neighbours[(shown.map { $0 + 1 } ?? 0)...]
    }

    /// Whether the profile shows just what it showed before the send.
    private func isBefore(_ state: TokenState) -> Bool {
        switch facts.before {
        case .unknown: return false
        // One that has ended since the send leaves another end behind.
        case .empty(let ended):
            guard state.value == nil else { return false }
            guard let ended, let end = state.expiresAt else { return ended == nil && state.expiresAt == nil }
            let mayBeAnother = state.isInWholeSeconds && end >= facts.earliest - Self.slack
            return abs(ended - end) <= Self.precision && !mayBeAnother
        case .token(let createdAt, let from, let to):
            guard state.value != nil else { return false }
            if let createdAt, let shown = state.createdAt { return abs(createdAt - shown) <= Self.precision }
            guard let from, let to, let end = state.expiresAt else { return false }
            return end >= from - Self.precision && end <= to + Self.precision
        }
    }

    /// What is on record is kept in microseconds, and written by Graph in more.
    private static let precision = Duration.milliseconds(1)

    fileprivate static func isCreated(
        _ state: TokenState,
        living validity: Duration,
        from: Timestamp,
        to: Timestamp
    ) -> Bool {
        let creations = [state.createdAt, state.expiresAt.map { $0 - validity }].compactMap(\.self)
        return !creations.isEmpty && creations.allSatisfy { $0 >= from - slack && $0 <= to + slack }
    }
}

extension SentWrite.Neighbour {
    /// Whether a token with these times may be its own.
    package func mayBeShown(createdAt: Timestamp?, expiresAt: Timestamp?) -> Bool {
        mayBeShown(by: TokenState(createdAt: createdAt, expiresAt: expiresAt))
    }

    fileprivate func mayBeShown(by state: TokenState) -> Bool {
        SentWrite.isCreated(state, living: validity, from: from, to: to)
    }

    /// Whether what a profile showed before another write may have been its token.
    package func mayBeShown(by before: TokenBefore) -> Bool {
        guard case .token(let createdAt, let earliest, let latest) = before else { return false }
        let creations = [(createdAt, createdAt), (earliest.map { $0 - validity }, latest.map { $0 - validity })]
        let known = creations.compactMap { first, last in first.flatMap { first in last.map { (first, $0) } } }
        return !known.isEmpty
            && known.allSatisfy { $0.1 >= from - SentWrite.slack && $0.0 <= to + SentWrite.slack }
    }
}

extension TokenState {
    /// Whether a fraction of its times may have been left out.
    fileprivate var isInWholeSeconds: Bool {
        [createdAt, expiresAt].compactMap(\.self).allSatisfy { $0.secondsSince1970 == $0.secondsSince1970.rounded() }
    }
}

private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
