import Transport

extension TokenBefore {
    /// What a read has shown.
    init(_ state: TokenState) {
        if state.value == nil {
            self = .empty(ended: state.expiresAt)
        } else if state.createdAt == nil, state.expiresAt == nil {
            self = .unknown
        } else {
            self = .token(createdAt: state.createdAt, expiresFrom: state.expiresAt, expiresTo: state.expiresAt)
        }
    }
}

extension Baseline {
    /// The same for the record. What was not read is told on Graph's clock, where that is known.
    func before(on clock: GraphClock?) -> TokenBefore {
        switch self {
        case .read(let state, createdAt: _, pending: _): return TokenBefore(state)
        case .created(let last):
            guard let clock else { return .unknown }
            return .token(
                createdAt: nil,
                expiresFrom: clock.earliest(at: last.sent) + last.validity - ReadBackWindow.slack,
                expiresTo: clock.latest(at: last.answered) + last.validity + ReadBackWindow.slack
            )
        case .late: return .unknown
        }
    }
}
