package import Graph
package import Ledger
import Synchronization
import Transport

/// The ledger as a file of this machine, which one process has to itself.
///
/// What waits to be written is written together, so that a burst shares one `fsync`. Claims on keys whose requests were
/// not sent yet are kept in memory alone: only this process can have made them.
package final class SQLiteLedger: LedgerStore {
    package let instance = RecordID.fresh()

    private let path: String
    private let limits: Limits
    private let claims = ClaimTable()
    private let opened = Mutex<LedgerFile?>(nil)

    /// - Parameter path: of the file; it and the folders on the way to it need not be there.
    package convenience init(path: String) { self.init(path: path, limits: Limits()) }

    init(path: String, limits: Limits) {
        self.path = path
        self.limits = limits
    }

    /// Opens the file alone for reading, as it stands, while a gateway may be writing to it.
    ///
    /// - Throws: when there is none, or it is no ledger that this version can read.
    package static func reader(path: String) throws(LedgerFault) -> any LedgerReading { try LedgerReader(path: path) }

    package func open() async throws(LedgerFault) {
        let (path, limits) = (path, limits)
        let file = try await onOwnThread { () throws(LedgerFault) in
            try LedgerFile(opening: path, limits: limits)
        }
        opened.withLock { $0 = file }
    }

    package func close() async {
        let file = opened.withLock { opened in
            defer { opened = nil }
            return opened
        }
        await file?.close()
    }

    package var sharing: (any LedgerSharing)? { nil }

    /// - Throws: `unavailable` before ``open()`` and after ``close()``.
    var file: LedgerFile {
        get throws(LedgerFault) {
            if let file = opened.withLock({ $0 }) { return file }
            throw LedgerFault(.unavailable, "the ledger is closed")
        }
    }
}

// MARK: Keys

extension SQLiteLedger {
    package func claim(_ claim: KeyClaim) async throws(LedgerFault) -> KeyClaim.Answer {
        let file = try file
        var step = claims.begin(claim)
        while true {
            switch step {
            case .claimed: return .claimed
            case .taken(let fingerprint, record: nil): return .taken(fingerprint: fingerprint, record: nil)
            case .taken(let fingerprint, let record?):
                return .taken(fingerprint: fingerprint, record: try await self.record(record))
            case .lookUp(let look):
                let found: KeptKey?
                do {
                    found = try await file.lookUp { try KeptKey.fetch(of: claim, at: .now, in: $0) }
                } catch {
                    claims.give(up: look)
                    throw error
                }
                if let found {
                    claims.give(up: look)
                    return .taken(fingerprint: found.fingerprint, record: found.record)
                }
                step = claims.end(look, for: claim)
            }
        }
    }

    package func release(_ claim: KeyClaim) async { claims.release(claim) }
}

// MARK: Writing

extension SQLiteLedger {
    package func begin(_ record: LedgerRecord, acceptedAgo: Duration, work: Duration) async throws(LedgerFault) {
        let file = try file
        let name = KeyName(of: record)
        let expiry = try name.map { name throws(LedgerFault) in try claims.holdForWriting(name, record: record.id) }
        let begin = Begin(record: record, acceptedAgo: acceptedAgo, work: work, keyExpires: expiry ?? nil)
        _ = try await write(.begin(begin), under: name, record: record.id, to: file)
    }

    package func settle(
        _ record: LedgerRecord,
        acceptedAgo: Duration,
        key: KeyFate
    ) async throws(LedgerFault) -> Bool {
        let file = try file
        let name = KeyName(of: record)
        // Another may have the key by now: then what came of this one is written all the same.
        let isHeld = name.map { (try? claims.holdForWriting($0, record: record.id)) != nil } ?? false
        let settlement = Settlement(record: record, acceptedAgo: acceptedAgo, key: key)
        return try await write(.settle(settlement), under: isHeld ? name : nil, record: record.id, to: file) > 0
    }

    package func prune(olderThan age: Duration, limit: Int) async throws(LedgerFault) -> Int {
        claims.dropEnded()
        return try await file.writes.run(.prune(age: age, limit: limit))
    }

    package func probe() async throws(LedgerFault) { _ = try await file.writes.run(.probe) }

    /// Once it is written the key is found in the file, so that the claim is let go.
    private func write(
        _ write: Write,
        under name: KeyName?,
        record: RecordID,
        to file: LedgerFile
    ) async throws(LedgerFault) -> Int {
        let count: Int
        do {
            count = try await file.writes.run(write)
        } catch {
            if let name { claims.endWriting(name, record: record, isWritten: false) }
            throw error
        }
        if let name { claims.endWriting(name, record: record, isWritten: true) }
        return count
    }
}

// MARK: Reading

extension SQLiteLedger {
    package func orphans(limit: Int) async throws(LedgerFault) -> [LedgerRecord] {
        let instance = instance
        return try await file.read { try RecordQuery.orphans(notOf: instance, at: .now, limit: limit, in: $0) }
    }

    package func record(_ id: RecordID) async throws(LedgerFault) -> LedgerRecord? {
        try await file.lookUp { try RecordQuery.record(id, in: $0) }
    }

    package func writes(
        on profile: ProfileReference,
        within span: Duration
    ) async throws(LedgerFault) -> [PastWrite] {
        try await file.read { try RecordQuery.writes(on: profile, within: span, at: .now, in: $0) }
    }

    package func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] {
        try await file.read { try RecordQuery.records(filter, after: id, limit: limit, in: $0) }
    }

    package func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        try await file.read { try RecordQuery.position(beforeLast: count, filter, in: $0) }
    }
}
