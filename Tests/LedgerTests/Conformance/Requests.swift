import Graph
import Ledger
import Testing
import Transport

/// A profile that no other test knows.
func freshProfile(_ kind: ProfileKind = .deviceOwner) -> ProfileReference {
    let id = ProfileID(bytes: RecordID.fresh().bytes)
    return ProfileReference(kind: kind, id: id!)
}

/// A moment in microseconds, long ago enough to be nobody's now.
func moment(_ microseconds: Int) -> Timestamp {
    Timestamp(secondsSince1970: Double(1_772_439_330_000_000 + microseconds) / 1e6)
}

/// One request as a gateway hands it to its store.
struct Request {
    var record: LedgerRecord
    var claim: KeyClaim

    init(
        by caller: String = "portal",
        key: String? = nil,
        asking question: String = "a token",
        operation: LedgerRecord.Operation = .create,
        profile: ProfileReference = freshProfile(),
        work: Duration = .seconds(600),
        lifetime: Duration = .seconds(600),
        of store: any LedgerStore
    ) {
        let id = RecordID.fresh()
        let fingerprint = Digest(of: question)
        record = LedgerRecord(
            id: id,
            operation: operation,
            caller: caller,
            keyID: "k1",
            profile: profile,
            validityInSeconds: operation == .create ? 3600 : nil,
            requestID: "request-\(id)",
            keyDigest: key.map { Digest(of: $0) },
            fingerprint: fingerprint,
            instance: store.instance,
            acceptedAt: .now
        )
        record.send = SendFacts(earliest: moment(1), latest: moment(2), isGraphsTime: true, before: .empty(ended: nil))
        claim = KeyClaim(
            caller: caller,
            digest: Digest(of: key ?? "\(id)"),
            fingerprint: fingerprint,
            record: id,
            work: work,
            lifetime: lifetime
        )
    }

    /// The record as it is handed in when this came of it.
    func ended(_ state: LedgerRecord.State, code: String? = nil) -> LedgerRecord {
        var record = record
        record.state = state
        record.result.code = code
        return record
    }
}

extension LedgerStore {
    func begin(_ request: Request, work: Duration = .seconds(600)) async throws {
        try await begin(request.record, acceptedAgo: .milliseconds(5), work: work)
    }

    func settle(
        _ request: Request,
        as state: LedgerRecord.State,
        key: KeyFate = .kept(.seconds(600))
    ) async throws {
        try await settle(request.ended(state), acceptedAgo: .milliseconds(5), key: key)
    }

    /// Begins and settles it.
    func run(_ request: Request, to state: LedgerRecord.State) async throws {
        try await begin(request)
        try await settle(request, as: state)
    }

    func isClaimed(_ claim: KeyClaim) async throws -> Bool { try await self.claim(claim) == .claimed }
}

/// Asks until the answer is yes; no when the test's time is over.
func comes(true condition: () async throws -> Bool) async throws -> Bool {
    while !Task.isCancelled {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

extension LedgerRecord {
    /// With the times of what was handed in to the microsecond, and without the store's own.
    var handedIn: LedgerRecord {
        func rounded(_ time: Timestamp?) -> Timestamp? {
            time.map { Timestamp(secondsSince1970: ($0.secondsSince1970 * 1e6).rounded() / 1e6) }
        }
        var record = self
        record.acceptedAt = moment(0)
        (record.sentAt, record.decidedAt, record.workEnds) = (nil, nil, nil)
        record.result.tokenCreatedAt = rounded(result.tokenCreatedAt)
        record.result.tokenExpiresAt = rounded(result.tokenExpiresAt)
        if let send {
            var before = send.before
            if case .token(let createdAt, let from, let to) = before {
                before = .token(
                    createdAt: rounded(createdAt),
                    expiresFrom: rounded(from),
                    expiresTo: rounded(to)
                )
            }
            record.send = SendFacts(
                earliest: rounded(send.earliest)!,
                latest: rounded(send.latest)!,
                isGraphsTime: send.isGraphsTime,
                before: before
            )
        }
        return record
    }
}

/// Whether two lengths of time differ by less than a hundredth of a second.
func isAbout(_ left: Duration, _ right: Duration) -> Bool { abs((left - right).seconds) < 0.01 }
