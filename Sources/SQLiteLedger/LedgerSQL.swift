import Ledger

/// Every statement of a request's way and of the upkeep.
enum LedgerSQL {
    private static let columns = LedgerRecord.columns.joined(separator: ", ")
    private static let places = LedgerRecord.columns.map { _ in "?" }.joined(separator: ", ")

    /// Of a record that is `sent` already only the work time is written again.
    static let begin = """
        INSERT INTO records (\(columns)) VALUES (\(places))
        ON CONFLICT (id) DO UPDATE SET work_ends = excluded.work_ends WHERE state = 'sent'
        """

    static let insertUnlessThere = "INSERT INTO records (\(columns)) VALUES (\(places)) ON CONFLICT (id) DO NOTHING"

    static let settle = """
        UPDATE records SET state = ?, decided_at = ?,
        \(LedgerRecord.resultColumns.map { "\($0) = ?" }.joined(separator: ", "))
        WHERE id = ? AND state IN ('accepted', 'sent', 'unknown')
        """

    /// Id → a row if something came of the record already.
    static let settled = "SELECT 1 FROM records WHERE id = ? AND state NOT IN ('accepted', 'sent')"

    /// As long as it is to be found out what came of its request, a key is not free, however old it is.
    private static let isSent = """
        EXISTS (SELECT 1 FROM records WHERE records.id = idempotency_keys.record AND records.state = 'sent')
        """

    /// Caller, digest, fingerprint, record, end, now. Changes nothing where another record has the key.
    static let keepKey = """
        INSERT INTO idempotency_keys (caller, digest, fingerprint, record, expires_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (caller, digest) DO UPDATE
        SET fingerprint = excluded.fingerprint, record = excluded.record, expires_at = excluded.expires_at
        WHERE record = excluded.record OR expires_at <= ? AND NOT \(isSent)
        """

    static let releaseKey = "DELETE FROM idempotency_keys WHERE caller = ? AND digest = ? AND record = ?"

    /// With the record's columns after it.
    static let key = """
        SELECT idempotency_keys.fingerprint, \(LedgerRecord.columns.map { "records.\($0)" }.joined(separator: ", "))
        FROM idempotency_keys LEFT JOIN records ON records.id = idempotency_keys.record
        WHERE idempotency_keys.caller = ? AND idempotency_keys.digest = ?
        AND (idempotency_keys.expires_at > ? OR records.state = 'sent')
        """

    static let record = "SELECT \(columns) FROM records WHERE id = ?"

    static let newest = "SELECT \(columns) FROM records ORDER BY number DESC LIMIT ?"

    /// Profile, kind, earliest, limit.
    static let sentSince = """
        SELECT \(columns) FROM records WHERE profile = ? AND kind = ? AND sent_at >= ?
        ORDER BY sent_at DESC, number DESC LIMIT ?
        """

    static let lastCreation = last("created")
    static let lastRevocation = last("revoked")

    private static func last(_ state: String) -> String {
        """
        SELECT \(columns) FROM records WHERE profile = ? AND kind = ? AND state = '\(state)' AND sent_at IS NOT NULL
        ORDER BY sent_at DESC, number DESC LIMIT 1
        """
    }

    /// Instance, now, limit.
    static let orphans = """
        SELECT \(columns) FROM records WHERE state = 'sent' AND (instance <> ? OR work_ends <= ?)
        ORDER BY sent_at, number LIMIT ?
        """

    static let oldRecords = """
        SELECT number, caller, key_digest, id FROM records WHERE accepted_at < ? ORDER BY accepted_at LIMIT ?
        """

    static let deleteRecord = "DELETE FROM records WHERE number = ?"

    static let deleteKeys = """
        DELETE FROM idempotency_keys WHERE (caller, digest) IN
        (SELECT caller, digest FROM idempotency_keys WHERE expires_at <= ? AND NOT \(isSent)
        ORDER BY expires_at LIMIT ?)
        """

    static let probe = "INSERT INTO probes (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at"

    /// Those that a request may wait for, however many records there are.
    static let all = [
        begin, insertUnlessThere, settle, settled, keepKey, releaseKey, key, record, sentSince, lastCreation,
        lastRevocation,
        orphans, oldRecords, deleteRecord, deleteKeys, probe,
    ]
}
