package import NIOCore

/// Something that the sandbox does wrong on demand.
package struct SandboxFault: Sendable, Equatable {
    /// Which of the operation's calls it strikes, counted from when it was armed.
    package enum Calls: Sendable, Equatable {
        /// The n-th; 1 is the next one.
        case nth(Int)
        /// The next so many.
        case next(Int)
        /// All of them, until faults are cleared.
        case untilReset
    }

    /// How far the request gets before the effect.
    package enum Moment: String, Sendable, CaseIterable {
        /// The head arrived; the body is not read.
        case beforeReading = "before-reading"
        /// The request is read whole; nothing is done.
        case afterReading = "after-reading"
        /// The operation is done; only its answer is tampered with.
        case afterActing = "after-acting"
    }

    /// How a connection ends.
    package enum Ending: String, Sendable, CaseIterable {
        /// In order (FIN).
        case close
        /// With RST, by `SO_LINGER` of 0 seconds.
        case reset
        /// Not at all: silence until the client leaves, or the sandbox stops.
        case stall
    }

    package enum Effect: Sendable, Equatable {
        /// The operation's own answer, only late: see ``SandboxFault/delay``.
        case proceed
        /// The operation's own answer, but from before the latest change of the profile's token, as Graph gives it when one
        /// of its replicas lags behind. For reads; on other operations it changes nothing.
        case stale
        /// This answer instead of the operation's own.
        case answer(SandboxAnswer)
        /// No answer.
        case end(Ending)
        /// Half of this answer: the head and half of the body, or half of the head when there is no body. nil: of the
        /// operation's own, which is then done whatever the moment.
        case half(SandboxAnswer?, then: Ending)
        /// These bytes on the connection, HTTP or not.
        case raw(ByteBuffer, then: Ending)
    }

    /// nil: any operation.
    package var operation: SandboxOperation?
    package var calls: Calls
    package var moment: Moment
    /// How long the sandbox waits between the moment and the effect.
    package var delay: Duration
    package var effect: Effect

    package init(
        _ operation: SandboxOperation?,
        calls: Calls = .next(1),
        at moment: Moment = .afterReading,
        after delay: Duration = .zero,
        _ effect: Effect
    ) {
        self.operation = operation
        self.calls = calls
        self.moment = moment
        self.delay = delay
        self.effect = effect
    }
}
