package import Ledger

extension PostgreSQLLedger {
    package func claim(_ claim: KeyClaim) async throws(LedgerFault) -> KeyClaim.Answer {
        let key: [Value] = [.text(claim.caller), .digest(claim.digest)]
        // Between the two questions the holder may let go of it.
        for _ in 0..<5 {
            let values =
                key + [.digest(claim.fingerprint), .id(claim.record), .interval(claim.work), .interval(claim.lifetime)]
            if try await quick.rows(Query(.claim, values)).count > 0 { return .claimed }
            guard var row = try await quick.rows(Query(.holder, key)).first else { continue }
            let fingerprint = try row.digest()
            return .taken(fingerprint: fingerprint, record: try row.bool() ? try Columns.record(&row) : nil)
        }
        throw LedgerFault(.conflict, "the Idempotency-Key goes from hand to hand")
    }

    package func begin(
        _ record: LedgerRecord,
        acceptedAgo: Duration,
        work: Duration
    ) async throws(LedgerFault) {
        let values = Columns.values(record, state: .sent) + [.interval(acceptedAgo), .interval(work)]
        guard var row = try await durable.rows(Query(.begin, values)).first else { throw .malformed }
        if try row.bool() {
            throw LedgerFault(.conflict, "another request has taken the Idempotency-Key since it was claimed")
        }
        guard try row.bool() else { throw LedgerFault(.conflict, "the request is decided already") }
    }

    package func settle(
        _ record: LedgerRecord,
        acceptedAgo: Duration,
        key: KeyFate
    ) async throws(LedgerFault) -> Bool {
        let lifetime: Value =
            switch key {
            case .kept(let lifetime): .interval(lifetime)
            case .released: .null
            }
        let values =
            Columns.values(record, state: record.state) + [
                .interval(acceptedAgo), .bool(record.state.isDecided), lifetime,
            ]
        guard var row = try await durable.rows(Query(.settle, values)).first else { throw .malformed }
        return try row.bool()
    }

    package func release(_ claim: KeyClaim) async {
        // What cannot be given back is free when its work time is over.
        _ = try? await quick.rows(
            Query(.release, [.text(claim.caller), .digest(claim.digest), .id(claim.record)])
        )
    }

    package func probe() async throws(LedgerFault) { _ = try await durable.rows(Query(.probe)) }
}
