import Logging
import Transport

/// One `revokeToken`, in the profile's turn.
///
/// It has the same effect twice, so that what may have been done already is simply sent again; reading the profile settles the rest.
struct TokenRevocation {
    /// How often it is sent where its outcome is not known.
    static let tries = 3
    /// The look before it takes no longer.
    static let lookLimit = Duration.seconds(2)

    let tokens: EnrollmentTokens
    let profile: ProfileReference
    var write: GraphWrite
    private let reads: TokenReads
    /// Whether the profile showed a token before, and which creation of ours it was.
    private var hadToken = false
    private var covers: ContinuousClock.Instant?
    private var before = TokenBefore.unknown

    init(
        of tokens: EnrollmentTokens,
        profile: ProfileReference,
        caller: String,
        deadline: ContinuousClock.Instant,
        record: (any WriteRecord)? = nil
    ) {
        self.tokens = tokens
        self.profile = profile
        reads = TokenReads(of: tokens, profile: profile, .bare)
        write = GraphWrite(of: tokens, for: caller, deadline: deadline, notDone: .notRevoked, record: record)
    }

    /// - Returns: what was asked of Graph.
    mutating func run() async throws(GraphError) -> [GraphAttempt] {
        // Reads that lag will show the token for a while: it has to be known to be recognized. That nothing could be read does not
        // keep a leaked token alive.
        let lookEnd = min(write.lastSend, write.now.advanced(by: Self.lookLimit))
        if let read = try? await reads.once(for: .baseline, until: lookEnd, noting: &write.attempts) {
            hadToken = read.value.value != nil
            let record = tokens.history.record(of: profile)
            covers = record.creations.last { $0.isShown(by: read.value, on: read.clock) }?.sent
            // Nothing to revoke: what the last revocation has ended is over all the same.
            if !hadToken { covers = record.revocation?.covers }
            before = TokenBefore(read.value)
            if case .behind = tokens.standing(read, of: profile) { (covers, before) = (nil, .unknown) }
        }
        let ending = try await write.carryOut(request, replacing: before)
        switch ending.result {
        case .done:
            return revoked(ending)
        case .ambiguous(let fault, let error):
            // What may have been done is found out about though the caller be gone; see ``TokenCreation``.
            let start = self
            let result = await Task { () -> Result<[GraphAttempt], GraphError> in
                var revocation = start
                do throws(GraphError) {
                    return .success(try await revocation.settle(ending, fault, error))
                } catch {
                    return .failure(error)
                }
            }.value
            return try result.get()
        }
    }

    private var request: GraphRequest { .revokeToken(profile, at: tokens.configuration.baseURL) }

    /// - Throws: ``GraphError`` with the outcome `unknown`.
    private mutating func settle(
        _ first: GraphWrite.Ending,
        _ fault: GraphFault?,
        _ transportError: TransportError?
    ) async throws(GraphError) -> [GraphAttempt] {
        var (fault, transportError) = (fault, transportError)
        for pause in GraphReader.pauses.prefix(Self.tries - 1) {
            guard write.now.advanced(by: pause) < write.lastSend else { break }
            try? await tokens.client.pause(for: pause)
            // A refusal now does not undo what an earlier send may have done.
            guard let ending = try? await write.carryOut(request, replacing: before, repeatedFor: .ambiguous)
            else { break }
            switch ending.result {
            case .done: return revoked(first)
            case .ambiguous(let again, let error): (fault, transportError) = (again ?? fault, error ?? transportError)
            }
        }
        if let read = try? await reads.patiently(for: .readBack, until: write.deadline, noting: &write.attempts),
            isOver(read, since: first)
        {
            tokens.metrics.readBack(.revokeToken, .yes)
            return revoked(first)
        }
        tokens.metrics.readBack(.revokeToken, .unclear)
        throw write.failure(
            GraphError(.outcomeUnknown, outcome: .unknown, fault: fault, transportError: transportError)
        )
    }

    /// Whether the profile shows no token that still lives, which is news: what it shows cannot be what was there before a creation that
    /// is not shown yet.
    private func isOver(_ read: TokenCreation.Read, since first: GraphWrite.Ending) -> Bool {
        if tokens.seen.isReplaced(read.value, on: profile, at: read.asked) { return false }
        let end = read.value.expiresAt
        if let isOver = tokens.showsLastCreationOver(read, of: profile) { return isOver }
        guard read.value.value != nil else {
            return hadToken || end.map { $0 >= read.clock.earliest(at: first.sent) } ?? false
        }
        return read.clock.isGraphs && end.map { $0 <= read.clock.earliest(at: write.now) } ?? false
    }

    /// What the profile showed until now, it never shows again.
    private func revoked(_ first: GraphWrite.Ending) -> [GraphAttempt] {
        tokens.seen.replaced(on: profile, before: first.sent)
        tokens.history.record(.init(sent: first.sent, answered: write.now, covers: covers), of: profile)
        return write.attempts
    }
}
