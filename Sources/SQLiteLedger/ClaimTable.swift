import Ledger
import Synchronization
import Transport

/// An Idempotency-Key in its caller's name space.
struct KeyName: Sendable, Hashable {
    var caller: String
    var digest: Digest

    init(of claim: KeyClaim) { (caller, digest) = (claim.caller, claim.digest) }

    /// `nil` for a record of a request without a key.
    init?(of record: LedgerRecord) {
        guard let digest = record.keyDigest else { return nil }
        (caller, self.digest) = (record.caller, digest)
    }
}

/// The keys that are claimed and are not in the file yet.
///
/// A key is in at least one of the two from its claim until it is free: it is let go here only once it is in the file.
/// Who finds it in neither has to look again whether it went from here to there meanwhile.
final class ClaimTable: Sendable {
    enum Step: Sendable {
        case claimed
        /// - Parameter record: what may have been written already.
        case taken(Digest, record: RecordID?)
        /// The file has to be looked into; to be followed by ``end(_:for:)`` or ``give(up:)``.
        case lookUp(Look)
    }

    /// A look into the file that is under way.
    struct Look: Sendable {
        let name: KeyName
        /// How many writes under the key had ended when it began.
        let writes: Int
    }

    fileprivate struct Claim {
        let fingerprint: Digest
        let record: RecordID
        let ends: ContinuousClock.Instant
        let keyExpires: Timestamp
        /// Being written, it does not end by itself.
        var isBeingWritten = false
    }

    fileprivate struct Looks {
        var count = 0
        var writes = 0
    }

    fileprivate struct State {
        var claims: [KeyName: Claim] = [:]
        var looks: [KeyName: Looks] = [:]
    }

    private let state = Mutex(State())

    func begin(_ claim: KeyClaim) -> Step {
        let name = KeyName(of: claim)
        return state.withLock { state in
            if let step = state.known(claim, name) { return step }
            state.looks[name, default: Looks()].count += 1
            return .lookUp(Look(name: name, writes: state.looks[name]?.writes ?? 0))
        }
    }

    /// The file does not have the key.
    func end(_ look: Look, for claim: KeyClaim) -> Step {
        state.withLock { state in
            if let step = state.known(claim, look.name) {
                state.endLook(look.name)
                return step
            }
            let writes = state.looks[look.name]?.writes ?? 0
            // It may have been written after the look.
            guard writes == look.writes else { return .lookUp(Look(name: look.name, writes: writes)) }
            state.endLook(look.name)
            state.claim(claim, look.name)
            return .claimed
        }
    }

    func give(up look: Look) { state.withLock { $0.endLook(look.name) } }

    func release(_ claim: KeyClaim) {
        let name = KeyName(of: claim)
        state.withLock { state in
            guard let held = state.claims[name], held.record == claim.record, !held.isBeingWritten else { return }
            state.claims[name] = nil
        }
    }

    /// Keeps the record's claim from ending while it is being written; to be followed by
    /// ``endWriting(_:record:isWritten:)``.
    ///
    /// - Returns: until when the key is remembered; `nil` where it was not claimed here, so that the file decides.
    /// - Throws: where another request has the key.
    func holdForWriting(_ name: KeyName, record: RecordID) throws(LedgerFault) -> Timestamp? {
        let claim = state.withLock { state in
            if state.claims[name]?.record == record { state.claims[name]?.isBeingWritten = true }
            return state.claims[name]
        }
        guard claim == nil || claim?.record == record else { throw .keyIsTaken }
        return claim?.keyExpires
    }

    func endWriting(_ name: KeyName, record: RecordID, isWritten: Bool) {
        state.withLock { state in
            state.looks[name]?.writes += 1
            guard state.claims[name]?.record == record else { return }
            if isWritten { state.claims[name] = nil } else { state.claims[name]?.isBeingWritten = false }
        }
    }

    /// For tests: of claims, and of looks under way.
    var count: Int { state.withLock { $0.claims.count + $0.looks.count } }

    /// Drops claims that ended by themselves.
    func dropEnded() {
        let now = ContinuousClock.now
        state.withLock { state in
            state.claims = state.claims.filter { $0.value.isBeingWritten || $0.value.ends > now }
        }
    }
}

extension ClaimTable.State {
    /// `nil` where the key is in no claim that holds.
    fileprivate mutating func known(_ claim: KeyClaim, _ name: KeyName) -> ClaimTable.Step? {
        guard let held = claims[name] else { return nil }
        if held.isBeingWritten { return .taken(held.fingerprint, record: held.record) }
        if held.ends > .now { return .taken(held.fingerprint, record: nil) }
        // The file has to be looked into again: a write that was given up on may have come through.
        claims[name] = nil
        return nil
    }

    fileprivate mutating func claim(_ claim: KeyClaim, _ name: KeyName) {
        claims[name] = ClaimTable.Claim(
            fingerprint: claim.fingerprint,
            record: claim.record,
            ends: .now + claim.work,
            keyExpires: .now + claim.lifetime
        )
    }

    fileprivate mutating func endLook(_ name: KeyName) {
        looks[name]?.count -= 1
        if looks[name]?.count == 0 { looks[name] = nil }
    }
}

extension LedgerFault {
    static let keyIsTaken = LedgerFault(
        .conflict,
        "the Idempotency-Key is another request's, because this one took too long to begin"
    )
    static let isSettled = LedgerFault(.conflict, "what came of the request is on record already")
}
