import Transport

/// Graph's clock as one answer's `Date` shows it, so that our instants can be found on it.
///
/// `Date` has whole seconds and was written somewhere between the request and its answer; what is known is therefore a range.
struct GraphClock {
    /// Whether Graph showed it; else it is only this machine's, which may be hours off.
    let isGraphs: Bool
    private let earliest: Timestamp
    private let latest: Timestamp
    /// When the answer was here that showed it.
    let instant: ContinuousClock.Instant

    /// - Parameters:
    ///   - date: the answer's `Date`; without one, `fallback`, this machine's own time, stands in.
    ///   - asked: when the request for the answer left.
    ///   - answered: when the answer was here.
    init(date: Timestamp?, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant, fallback: Timestamp) {
        isGraphs = date != nil
        instant = answered
        earliest = date ?? fallback
        latest = date.map { $0 + .seconds(1) + (answered - asked) } ?? fallback
    }

    /// How exactly it is known.
    var uncertainty: Duration { latest - earliest }

    /// No later than what Graph's clock showed at `moment`.
    func earliest(at moment: ContinuousClock.Instant) -> Timestamp { earliest + (moment - instant) }

    /// No earlier than what Graph's clock showed at `moment`.
    func latest(at moment: ContinuousClock.Instant) -> Timestamp { latest + (moment - instant) }
}

/// When a token that our request created can have been created, and so how it can be told from others.
struct ReadBackWindow {
    /// Graph's parts do not show exactly the same time, nor does the end have to be counted from the same moment.
    static let slack = Duration.seconds(3)
    /// The same where two tokens of our own have to be told apart that were created one after the other.
    static let narrowSlack = Duration.seconds(1)

    /// When the request left, and when its exchange ended, however it ended.
    var sent: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
    var validity: Duration
    /// The `Date` of the answer, where there was one.
    var answerDate: Timestamp?

    /// Whether `state` shows a token that was created while the exchange lasted and that lives as long as asked for: its
    /// creation time, where there is one, lies in [sent, ended], and its end in [sent + validity, ended + validity].
    func contains(_ state: TokenState, on clock: GraphClock) -> Bool {
        let earliest = clock.earliest(at: sent) - Self.slack
        let latest = clock.latest(at: ended) + Self.slack
        let creations = [state.createdAt, state.expiresAt.map { $0 - validity }].compactMap(\.self)
        return !creations.isEmpty && creations.allSatisfy { $0 >= earliest && $0 <= latest }
    }

    /// Whether such a token was surely not created before the request left: a slack to that side would let tokens of before in.
    func isAfterSend(_ state: TokenState, on clock: GraphClock) -> Bool {
        var earliest = clock.earliest(at: sent)
        // The answer was written no earlier than its date, and after the request left.
        if let answerDate { earliest = max(earliest, answerDate - (ended - sent)) }
        let creations = [state.createdAt, state.expiresAt.map { $0 - validity }].compactMap(\.self)
        return !creations.isEmpty && creations.allSatisfy { $0 + $0.rounding >= earliest }
    }
}

/// What one read of the profile says of our request.
enum Sighting: Equatable {
    /// The profile shows our token.
    case ours
    /// The profile shows what it showed before the send, or a token whose time is over: ours would not be.
    case before
    /// The profile shows something else.
    case other
}

/// What was on the profile before the send, as far as known.
enum Baseline: Sendable {
    /// Read in this turn. `createdAt` is when its token was created, where that is known. `pending` are tokens of our own
    /// that were not to be seen then and may appear yet.
    case read(TokenState, createdAt: Timestamp? = nil, pending: [ProfileHistory.Creation] = [])
    /// This process created it, and it cannot be confused with the new one.
    case created(ProfileHistory.Creation)
    /// Graph lagged when it was read: what was there is not known, and nothing can be told by it.
    case late(pending: [ProfileHistory.Creation] = [])
}

extension Baseline {
    /// Whether tokens of our own may appear yet.
    var hasPending: Bool {
        switch self {
        case .read(_, createdAt: _, pending: let pending): !pending.isEmpty
        case .created: false
        case .late: true
        }
    }

    /// What was read, without the token itself.
    var times: TokenTimes? {
        if case .read(let state, createdAt: _, pending: _) = self { TokenTimes(state) } else { nil }
    }

    /// Judges what a read of the profile shows.
    ///
    /// Ours is what differs from the baseline, is younger, lies inside the window and cannot be one that was pending.
    /// Anything but ``Sighting/ours`` proves nothing yet.
    func sighting(of state: TokenState, window: ReadBackWindow, on clock: GraphClock) -> Sighting {
        if case .late = self { return .other }
        if isShown(by: state, on: clock) { return .before }
        if window.contains(state, on: clock) {
            return isOlder(state, validity: window.validity) || isPending(state, on: clock) ? .other : .ours
        }
        // A profile that shows no token now may have been emptied after ours: that proves nothing, unless it was empty before.
        guard let end = state.expiresAt else { return .other }
        // By a clock that is not Graph's, a token that lives could seem to be over.
        return clock.isGraphs && end <= clock.earliest(at: window.sent) ? .before : .other
    }

    private func isShown(by state: TokenState, on clock: GraphClock) -> Bool {
        switch self {
        case .read(let before, createdAt: _, pending: _): before.isSameToken(as: state)
        case .created(let last): last.isShown(by: state, on: clock)
        case .late: false
        }
    }

    /// Graph may lag behind what it has shown before: by its own times, exact among themselves, such a token is told apart.
    private func isOlder(_ state: TokenState, validity: Duration) -> Bool {
        guard case .read(_, createdAt: let before?, pending: _) = self, let created = state.creation(living: validity)
        else {
            return false
        }
        return created < before
    }

    private func isPending(_ state: TokenState, on clock: GraphClock) -> Bool {
        guard case .read(_, createdAt: _, pending: let pending) = self else { return false }
        return pending.contains { $0.isShown(by: state, on: clock) }
    }

    /// For how long a read has to have shown `state` before it is the token that was certainly created in `window`, and none of before:
    /// that is what is handed out as the new one. `nil`: it is not. ``sighting(of:window:on:)`` asks whether it was created at all, and
    /// so allows for more.
    ///
    /// What could be of before by its times is not shown for longer than the two are apart.
    func proof(of state: TokenState, window: ReadBackWindow, on clock: GraphClock) -> Duration? {
        guard state.value != nil, window.contains(state, on: clock) else { return nil }
        var pending: [ProfileHistory.Creation] = []
        switch self {
        case .read(let before, createdAt: _, pending: let recent):
            if before.isSameToken(as: state) { return nil }
            pending = recent
        case .created(let last): if last.isShown(by: state, on: clock) { return nil }
        case .late(let recent): pending = recent
        }
        var time = Duration.zero
        if !window.isAfterSend(state, on: clock) {
            time = window.ended - window.sent + ReadBackWindow.slack + clock.uncertainty
        }
        for creation in pending where creation.mayBeShown(by: state, on: clock) {
            time = max(time, window.ended - creation.sent + ReadBackWindow.narrowSlack)
        }
        return time
    }
}

extension Timestamp {
    /// How much later it may have been than it is written: Graph may leave the fraction out.
    fileprivate var rounding: Duration {
        secondsSince1970 == secondsSince1970.rounded(.down) ? .seconds(1) : .milliseconds(1)
    }
}
