package import Entra
package import Transport

/// The enrollment tokens of the tenant's profiles, as this gateway may handle them.
package final class EnrollmentTokens: Sendable {
    /// So long after a change Graph may still show what was there before.
    package static let longestLag = ProfileHistory.latest

    let configuration: GraphConfiguration
    let client: GraphClient
    let reader: GraphReader
    let pacing: WritePacing
    let clock: any MonotonicClock
    /// This machine's time of day: what stands in where an answer has no `Date`.
    let wallClock: @Sendable () -> Timestamp
    /// What a pause of our own choice is multiplied by, so that many who wait do not come back together.
    let jitter: @Sendable () -> Double
    let history = ProfileHistory()
    let seen = SeenTokens()
    let revocations = AwaitedRevocations()
    let graphTime = GraphTime()
    let turns: ProfileTurns
    var metrics: GraphMetrics { client.metrics }
    /// Other gateways of the tenant, and what was done before this process began; `nil` where nothing is known of them.
    let peers: (any GatewayPeers)?
    /// Writes that have their turn in this process, and wait for it among peers.
    let peerTurnWaits = WaitCount()
    /// Those that have a permit of this process, and wait for one under the shared limit.
    let peerPermitWaits = WaitCount()

    package init(
        configuration: GraphConfiguration,
        transport: any HTTPTransport,
        tokens: any AccessTokenSource,
        peers: (any GatewayPeers)? = nil,
        metrics: GraphMetrics = GraphMetrics(),
        clock: any MonotonicClock = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        jitter: @escaping @Sendable () -> Double = { .random(in: 0.8...1.2) }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.peers = peers
        self.wallClock = wallClock
        self.jitter = jitter
        client = GraphClient(transport: transport, tokens: tokens, clock: clock, metrics: metrics)
        reader = GraphReader(client: client, time: graphTime, clock: clock, wallClock: wallClock)
        pacing = WritePacing(limit: configuration.writeLimit, clock: clock)
        turns = ProfileTurns(clock: clock)
    }

    /// Sees to it that the profile has a token as ordered: creates one, at most one, and always knows what came of it; or finds that
    /// the present one is good enough.
    ///
    /// Takes no longer than the configured deadline. Cancelling it stops what was not sent yet; what was sent is finished and
    /// found out about.
    ///
    /// - Parameter record: where it is put on record that it is about to be sent.
    /// - Throws: ``GraphError`` with an outcome: `notCreated` is certain, `unknown` is what reading back could not settle.
    package func mint(
        _ order: TokenOrder,
        on profile: ProfileReference,
        record: (any WriteRecord)? = nil
    ) async throws(GraphError) -> TokenMinting {
        let deadline = clock.now.advanced(by: configuration.deadline)
        var creation = TokenCreation(of: self, profile: profile, order: order, deadline: deadline, record: record)
        if let least = order.reuseIfValidFor,
            let token = try await creation.present(validFor: least, isPatient: false)
        {
            // Nobody has to wait for a turn who changes nothing.
            return .present(token)
        }
        let start = creation
        return try await withTurn(
            of: profile,
            before: creation.write.lastSend,
            until: deadline,
            notDone: .notCreated,
            attempts: creation.write.attempts
        ) { () async throws(GraphError) in
            var creation = start
            if let least = order.reuseIfValidFor,
                // While this one waited, another may have created it.
                let token = try await creation.present(validFor: least, isPatient: true)
            {
                return .present(token)
            }
            return .created(try await creation.run())
        }
    }

    /// Creates an enrollment token on the profile: ``mint(_:on:)`` without more.
    package func create(
        on profile: ProfileReference,
        validityInSeconds: Int
    ) async throws(GraphError) -> CreatedToken {
        switch try await mint(TokenOrder(validityInSeconds: validityInSeconds), on: profile) {
        case .created(let token): return token
        case .present: preconditionFailure("nothing was said of a present token")
        }
    }

    /// Ends the profile's token at once; devices that are enrolled stay so. A profile without one is left as it is.
    ///
    /// - Parameters:
    ///   - caller: for whom; pacing is fair among callers.
    ///   - record: where it is put on record that it is about to be sent.
    /// - Returns: what was asked of Graph on the way.
    /// - Throws: ``GraphError`` with an outcome: `notRevoked` is certain, `unknown` is what reading could not settle.
    package func revoke(
        on profile: ProfileReference,
        for caller: String,
        record: (any WriteRecord)? = nil
    ) async throws(GraphError) -> [GraphAttempt] {
        let deadline = clock.now.advanced(by: configuration.deadline)
        let revocation = TokenRevocation(
            of: self,
            profile: profile,
            caller: caller,
            deadline: deadline,
            record: record
        )
        revocations.begin(on: profile)
        defer { revocations.end(on: profile) }
        return try await withTurn(
            of: profile,
            before: revocation.write.lastSend,
            until: deadline,
            notDone: .notRevoked
        ) { () async throws(GraphError) in
            var revocation = revocation
            return try await revocation.run()
        }
    }
}

extension EnrollmentTokens {
    /// What has to be known of a send that is about to begin.
    func sendFacts(replacing before: TokenBefore) -> SendFacts {
        guard let time = graphTime.clock(at: clock.now) else {
            let now = wallClock()
            return SendFacts(earliest: now, latest: now, isGraphsTime: false, before: before)
        }
        return SendFacts(
            earliest: time.earliest(at: clock.now),
            latest: time.latest(at: clock.now),
            isGraphsTime: true,
            before: before
        )
    }

    /// An answer to a write shows Graph's clock, too.
    func noteDate(_ date: Timestamp?, asked: ContinuousClock.Instant) {
        graphTime.note(GraphClock(date: date, asked: asked, answered: clock.now, fallback: wallClock()))
    }
}

extension GraphError {
    /// What a caller is told to wait when a profile is busy: about the time that the turns before take.
    static let busyRetryAfter = Duration.seconds(5)

    init(turn refusal: ProfileTurns.Refusal, outcome: Outcome) {
        switch refusal {
        case .busy: self.init(.profileBusy, outcome: outcome, retryAfter: Self.busyRetryAfter)
        case .cancelled: self.init(.unavailable, outcome: outcome)
        }
    }
}
