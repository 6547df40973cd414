import Graph
import KeyRing
import Ledger
import Transport

/// Creations and revocations, each with its record in the ledger: what was done before under the same Idempotency-Key is not done
/// again.
struct RecordedOperations: Sendable {
    /// What came of a request.
    enum Recorded<Value: Sendable>: Sendable {
        case now(Value)
        /// It was answered before; this is what is on record of it.
        case earlier(LedgerRecord)
    }

    private let operations: PermittedOperations
    /// `nil` where nothing is kept.
    private let ledger: Ledger?

    init(_ operations: PermittedOperations, _ ledger: Ledger?) {
        self.operations = operations
        self.ledger = ledger
    }

    /// See ``PermittedOperations/mint(_:validityInSeconds:reusing:wantsRepresentation:_:entry:)``.
    func mint(
        _ permit: ProfilePermit<CreateToken>,
        _ request: LedgerRequest,
        validityInSeconds: Int,
        reusing reuse: (permit: ProfilePermit<ReadToken>, ifValidFor: Duration)?,
        wantsRepresentation: Bool,
        _ record: RequestRecord
    ) async throws(GatewayError) -> Recorded<TokenMinting> {
        try await recorded(request, record) { (entry) async throws(GatewayError) in
            try await operations.mint(
                permit,
                validityInSeconds: validityInSeconds,
                reusing: reuse,
                wantsRepresentation: wantsRepresentation,
                record,
                entry: entry
            )
        }
    }

    /// See ``PermittedOperations/revoke(_:_:entry:)``.
    func revoke(
        _ permit: ProfilePermit<RevokeToken>,
        _ request: LedgerRequest,
        _ record: RequestRecord
    ) async throws(GatewayError) -> Recorded<Void> {
        try await recorded(request, record) { (entry) async throws(GatewayError) in
            try await operations.revoke(permit, record, entry: entry)
        }
    }

    /// The token that an earlier request has made, as the profile shows it now: never another one. What cannot be read or told for sure
    /// is `pending`; that the request was carried out stands all the same.
    func representation(
        of earlier: LedgerRecord,
        _ permit: ProfilePermit<CreateToken>,
        _ record: RequestRecord
    ) async -> CreatedToken.Representation {
        guard let ledger, let shown = try? await operations.mintedToken(permit, record) else { return .pending }
        switch await ledger.owner(of: shown, asking: earlier) {
        case .own: return shown.value.map { .complete(value: $0, qrCodeContent: shown.qrCodeContent) } ?? .pending
        case .replaced: return .replaced
        case .uncertain: return .pending
        }
    }

    /// - Parameter run: carries the request out, unless that was done before.
    private func recorded<Value: Sendable>(
        _ request: LedgerRequest,
        _ record: RequestRecord,
        _ run: (OpenRecord?) async throws(GatewayError) -> Value
    ) async throws(GatewayError) -> Recorded<Value> {
        switch try await open(request, record) {
        case .earlier(let earlier)?: .earlier(earlier)
        case .new(let entry)?: .now(try await run(entry))
        case nil: .now(try await run(nil))
        }
    }

    private func open(_ request: LedgerRequest, _ record: RequestRecord) async throws(GatewayError) -> Ledger.Opening? {
        guard let ledger else {
            guard request.idempotencyKey == nil else {
                throw GatewayError(
                    .idempotencyUnavailable,
                    "This gateway keeps no record to look an Idempotency-Key up in. Send the request without it.",
                    member: "Idempotency-Key"
                )
            }
            return nil
        }
        let opening: Ledger.Opening
        do throws(Ledger.Refusal) {
            opening = try await ledger.open(request, settling: operations.settler)
        } catch {
            throw GatewayError(error)
        }
        switch opening {
        case .new(let entry): record.note { $0.recordID = entry.id.description }
        case .earlier(let earlier) where earlier.isReleased:
            throw GatewayError(Ledger.Refusal.inProgress(retryAfter: .seconds(1)))
        case .earlier(let earlier):
            record.note {
                $0.recordID = earlier.id.description
                $0.isReplay = true
                $0.outcome = earlier.outcome.rawValue
            }
        }
        return opening
    }
}

extension LedgerRecord {
    /// It was refused in a way that may pass, and not by looking for what came of it: its key is free again, or will be in a moment.
    fileprivate var isReleased: Bool {
        state == .refused && result.evidence == nil && ProblemCode(rawValue: result.code ?? "")?.isFinal != true
    }
}

extension GatewayError {
    fileprivate init(_ refusal: Ledger.Refusal) {
        switch refusal {
        case .unavailable: self = .ledgerUnavailable
        case .keyReused:
            self.init(
                .idempotencyKeyReused,
                "This Idempotency-Key was sent with another request before. A new request needs a key of its own.",
                member: "Idempotency-Key"
            )
        case .inProgress(let retryAfter):
            self.init(
                .idempotencyInProgress,
                "The request that this Idempotency-Key was sent with first is still running. Wait as Retry-After says, then send it again with the same key.",
                retryAfter: max(1, retryAfter.secondsRoundedUp),
                member: "Idempotency-Key"
            )
        case .starting(let retryAfter):
            self.init(
                .starting,
                "The gateway has just started and still finds out what came of requests before. Send the request again, with the same Idempotency-Key if it has one.",
                retryAfter: max(1, retryAfter.secondsRoundedUp)
            )
        }
    }

    static var ledgerUnavailable: GatewayError {
        GatewayError(
            .ledgerUnavailable,
            "The gateway cannot put the request on record at present, so that it was not sent. Send it again; if this lasts, the gateway's operator must look.",
            retryAfter: defaultRetryAfter
        )
    }

    /// A refusal that was answered before under the same Idempotency-Key.
    init(earlier record: LedgerRecord) {
        let outcome: GraphError.Outcome =
            record.state == .unknown ? .unknown : record.operation == .create ? .notCreated : .notRevoked
        let kind: GraphError.Kind =
            switch ProblemCode(rawValue: record.result.code ?? "") {
            case .profileNotFound: .profileNotFound
            case .conflict: .conflict
            case .graphRefused: .refused
            default: record.state == .unknown ? .outcomeUnknown : .failed
            }
        self.init(GraphError(kind, outcome: outcome))
        graph = Graph(
            requestID: record.result.graphRequestID,
            activityID: record.result.graphActivityID,
            code: record.result.graphCode
        )
        isReplay = true
    }
}
