package import Entra
package import Transport

/// A token that Graph is known to have created.
package struct CreatedToken: Sendable {
    /// How it is known.
    package enum Evidence: String, Sendable {
        /// Graph answered 204.
        case answer
        /// The answer was lost or useless, and the profile shows the token.
        case readBack = "read-back"
    }

    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    /// Graph's id of the request that created it, where its answer came through.
    package var graphRequestID: String?
    package var evidence: Evidence
    package var attempts: [GraphAttempt]
}

/// The enrollment tokens of the tenant's profiles, as this gateway may handle them.
package final class EnrollmentTokens: Sendable {
    let configuration: GraphConfiguration
    let client: GraphClient
    let pacing: WritePacing
    let clock: any MonotonicClock
    /// This machine's time of day: what stands in where an answer has no `Date`.
    let wallClock: @Sendable () -> Timestamp
    /// What a pause of our own choice is multiplied by, so that many who wait do not come back together.
    let jitter: @Sendable () -> Double
    let history = CreationHistory()
    let seen = SeenTokens()
    private let turns: ProfileTurns

    package init(
        configuration: GraphConfiguration,
        transport: any HTTPTransport,
        tokens: any AccessTokenSource,
        clock: any MonotonicClock = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        jitter: @escaping @Sendable () -> Double = { .random(in: 0.8...1.2) }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.wallClock = wallClock
        self.jitter = jitter
        client = GraphClient(transport: transport, tokens: tokens, clock: clock)
        pacing = WritePacing(limit: configuration.writeLimit, clock: clock)
        turns = ProfileTurns(clock: clock)
    }

    /// Creates an enrollment token on the profile, at most one, and always knows what came of it.
    ///
    /// Takes no longer than the configured deadline. Cancelling it stops what was not sent yet; what was sent is finished and
    /// found out about.
    ///
    /// - Parameter validityInSeconds: checked before; Graph takes an Int32.
    /// - Throws: ``GraphError`` with an outcome: `notCreated` is certain, `unknown` is what reading back could not settle.
    package func create(
        on profile: ProfileReference,
        validityInSeconds: Int
    ) async throws(GraphError) -> CreatedToken {
        let deadline = clock.now.advanced(by: configuration.deadline)
        let lastSend = deadline.advanced(by: .zero - configuration.readBackReserve - configuration.leastSendTime)
        return try await turns.withTurn(of: profile, before: lastSend, refused: GraphError.init(turn:)) {
            () async throws(GraphError) in
            var creation = TokenCreation(
                of: self,
                profile: profile,
                validityInSeconds: validityInSeconds,
                deadline: deadline
            )
            return try await creation.run()
        }
    }
}

extension GraphError {
    /// What a caller is told to wait when a profile is busy: about the time that the turns before take.
    static let busyRetryAfter = Duration.seconds(5)

    fileprivate init(turn refusal: ProfileTurns.Refusal) {
        switch refusal {
        case .busy: self.init(.profileBusy, outcome: .notCreated, retryAfter: Self.busyRetryAfter)
        case .cancelled: self.init(.unavailable, outcome: .notCreated)
        }
    }
}
