import Logging
import Transport

/// One `revokeToken`, in the profile's turn.
///
/// It has the same effect twice, so that what may have been done already is simply sent again; reading the profile settles the rest.
struct TokenRevocation {
    /// How often it is sent where its outcome is not known.
    static let tries = 3

    let tokens: EnrollmentTokens
    let profile: ProfileReference
    var write: GraphWrite

    init(of tokens: EnrollmentTokens, profile: ProfileReference, caller: String, deadline: ContinuousClock.Instant) {
        self.tokens = tokens
        self.profile = profile
        write = GraphWrite(of: tokens, for: caller, deadline: deadline, notDone: .notRevoked)
    }

    /// - Returns: what was asked of Graph.
    mutating func run() async throws(GraphError) -> [GraphAttempt] {
        let ending = try await write.carryOut(request)
        switch ending.result {
        case .done:
            return revoked()
        case .ambiguous(let fault, let error):
            // What may have been done is found out about though the caller be gone; see ``TokenCreation``.
            let start = self
            let result = await Task { () -> Result<[GraphAttempt], GraphError> in
                var revocation = start
                do throws(GraphError) {
                    return .success(try await revocation.settle(fault, error))
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
        _ fault: GraphFault?,
        _ transportError: TransportError?
    ) async throws(GraphError) -> [GraphAttempt] {
        var (fault, transportError) = (fault, transportError)
        for pause in GraphReader.pauses.prefix(Self.tries - 1) {
            guard write.now.advanced(by: pause) < write.lastSend else { break }
            try? await tokens.clock.sleep(for: pause)
            // A refusal now does not undo what an earlier send may have done.
            guard let ending = try? await write.carryOut(request) else { break }
            switch ending.result {
            case .done: return revoked()
            case .ambiguous(let again, let error): (fault, transportError) = (again ?? fault, error ?? transportError)
            }
        }
        if await isOver() { return revoked() }
        throw write.failure(
            GraphError(.outcomeUnknown, outcome: .unknown, fault: fault, transportError: transportError)
        )
    }

    /// Whether the profile shows no token that still lives.
    private mutating func isOver() async -> Bool {
        let read = try? await tokens.reader.read(
            .readToken(profile, .bare, at: tokens.configuration.baseURL),
            until: write.deadline,
            noting: &write.attempts,
            decode: TokenState.init(decoding:)
        )
        guard let read, !tokens.seen.isLate(read.value, of: profile, asked: read.asked) else { return false }
        guard read.value.value != nil else { return true }
        return read.clock.isGraphs && read.value.expiresAt.map { $0 <= read.clock.earliest(at: write.now) } ?? false
    }

    /// What the profile showed until now, it never shows again.
    private func revoked() -> [GraphAttempt] {
        tokens.seen.replaced(on: profile)
        // One of which nothing is certain may appear yet.
        if tokens.history.last(of: profile)?.isCertain == true { tokens.history.forget(profile) }
        return write.attempts
    }
}
