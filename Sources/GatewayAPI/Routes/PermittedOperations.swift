package import Graph
import KeyRing
import Ledger

/// What the routes need of Graph; ``EnrollmentTokens`` in the service, a script in tests.
package protocol EnrollmentOperations: WriteSettling {
    /// See ``EnrollmentTokens/mint(_:on:record:)``.
    func mint(
        _ order: TokenOrder,
        on profile: ProfileReference,
        record: (any WriteRecord)?
    ) async throws(GraphError) -> TokenMinting
    /// See ``EnrollmentTokens/token(of:_:)``.
    func token(of profile: ProfileReference, _ selection: TokenSelection) async throws(GraphError) -> ShownToken
    /// See ``EnrollmentTokens/revoke(on:for:record:)``.
    func revoke(
        on profile: ProfileReference,
        for caller: String,
        record: (any WriteRecord)?
    ) async throws(GraphError) -> [GraphAttempt]
    /// See ``EnrollmentTokens/profile(_:)``.
    func profile(
        _ profile: ProfileReference
    ) async throws(GraphError) -> (profile: EnrollmentProfile, attempts: [GraphAttempt])
    /// See ``EnrollmentTokens/profiles(of:)``.
    func profiles(
        of kind: ProfileKind
    ) async throws(GraphError) -> (profiles: [EnrollmentProfile], attempts: [GraphAttempt])
}

extension EnrollmentTokens: EnrollmentOperations {}

/// Graph for those alone who may have it: each operation asks for the proof, notes in the request's record what was asked of Graph,
/// and fails with what the caller is told.
struct PermittedOperations: Sendable {
    private let operations: any EnrollmentOperations

    init(_ operations: any EnrollmentOperations) { self.operations = operations }

    var settler: any WriteSettling { operations }

    /// - Parameters:
    ///   - reuse: with the proof for ``TokenOrder/reuseIfValidFor``, which shows a token that somebody else made.
    ///   - entry: its record in the ledger, which is written and finished here.
    func mint(
        _ permit: ProfilePermit<CreateToken>,
        validityInSeconds: Int,
        reusing reuse: (permit: ProfilePermit<ReadToken>, ifValidFor: Duration)?,
        wantsRepresentation: Bool,
        _ record: RequestRecord,
        entry: OpenRecord?
    ) async throws(GatewayError) -> TokenMinting {
        let order = TokenOrder(
            validityInSeconds: validityInSeconds,
            reuseIfValidFor: reuse?.ifValidFor,
            wantsRepresentation: wantsRepresentation,
            caller: permit.callerName
        )
        return try await entered(entry, { LedgerOutcome($0) }) { () async throws(GraphError) in
            try await noted(record, { $0.attempts }) { () async throws(GraphError) in
                try await operations.mint(order, on: permit.profile, record: entry)
            }
        }
    }

    /// The token that this caller's own earlier request has made: the proof for making it is one for being shown it.
    func mintedToken(_ permit: ProfilePermit<CreateToken>, _ record: RequestRecord) async throws(GatewayError)
        -> ShownToken
    {
        try await told { () async throws(GraphError) in
            try await noted(record, { $0.attempts }) { () async throws(GraphError) in
                try await operations.token(of: permit.profile, .withQRCode)
            }
        }
    }

    func token(
        _ permit: ProfilePermit<ReadToken>,
        _ selection: TokenSelection,
        _ record: RequestRecord
    ) async throws(GatewayError) -> ShownToken {
        try await told { () async throws(GraphError) in
            try await noted(record, { $0.attempts }) { () async throws(GraphError) in
                try await operations.token(of: permit.profile, selection)
            }
        }
    }

    /// - Parameter entry: its record in the ledger, which is written and finished here.
    func revoke(
        _ permit: ProfilePermit<RevokeToken>,
        _ record: RequestRecord,
        entry: OpenRecord?
    ) async throws(GatewayError) {
        _ = try await entered(entry, { LedgerOutcome(revocation: $0) }) { () async throws(GraphError) in
            try await noted(record, { $0 }) { () async throws(GraphError) in
                try await operations.revoke(on: permit.profile, for: permit.callerName, record: entry)
            }
        }
    }

    func profile(
        _ permit: ProfilePermit<ReadProfiles>,
        _ record: RequestRecord
    ) async throws(GatewayError) -> EnrollmentProfile {
        try await told { () async throws(GraphError) in
            try await noted(record, { $0.attempts }) { () async throws(GraphError) in
                try await operations.profile(permit.profile)
            }
        }.profile
    }

    /// Those alone that the proof covers.
    func profiles(
        _ permit: CollectionPermit<ReadProfiles>,
        _ record: RequestRecord
    ) async throws(GatewayError) -> [EnrollmentProfile] {
        try await told { () async throws(GraphError) in
            try await noted(record, { $0.attempts }) { () async throws(GraphError) in
                try await operations.profiles(of: permit.kind)
            }
        }.profiles.filter { permit.covers($0.reference) }
    }

    /// Puts on record what came of it before the caller is told.
    private func entered<Value>(
        _ entry: OpenRecord?,
        _ outcome: (Value) -> LedgerOutcome,
        _ ask: () async throws(GraphError) -> Value
    ) async throws(GatewayError) -> Value {
        do throws(GraphError) {
            let value = try await ask()
            await entry?.finish(outcome(value))
            return value
        } catch {
            let told = GatewayError(error)
            await entry?.finish(LedgerOutcome(error, code: told.code.rawValue, isFinal: told.code.isFinal))
            throw told
        }
    }

    private func told<Value>(_ ask: () async throws(GraphError) -> Value) async throws(GatewayError) -> Value {
        do throws(GraphError) { return try await ask() } catch { throw GatewayError(error) }
    }

    private func noted<Value>(
        _ record: RequestRecord,
        _ attempts: (Value) -> [GraphAttempt],
        _ ask: () async throws(GraphError) -> Value
    ) async throws(GraphError) -> Value {
        do throws(GraphError) {
            let value = try await ask()
            record.note(attempts(value))
            return value
        } catch {
            record.note(error.attempts)
            throw error
        }
    }
}

extension RequestRecord {
    fileprivate func note(_ attempts: [GraphAttempt]) {
        note { facts in
            facts.attempts += attempts
            facts.graphRequests = facts.attempts.count
            // The one that changes something is the one to be found again.
            let last = attempts.last { $0.operation == .createToken || $0.operation == .revokeToken } ?? attempts.last
            facts.graphStatus = last?.status
            facts.graphRequestID = last?.requestID
        }
    }
}
