import GRDB
import Ledger

/// The tables of the file, and how earlier versions' become today's. Only forward.
enum LedgerSchema {
    /// Marks the file as a ledger: `EnLg`.
    static let applicationID: Int64 = 0x456E_4C67

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: records)
            try database.execute(sql: keys)
        }
        return migrator
    }

    /// - Throws: `corrupt` for another program's database, `tooNew` for a later version's; SQLite's errors.
    static func check(_ database: Database, at path: String) throws {
        let id = try Int64.fetchOne(database, sql: "PRAGMA application_id")
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard id == applicationID || isEmpty else {
            throw LedgerFault(
                .corrupt,
                "the file is another program's database",
                fix: "Give LEDGER_URL another path than \(path)"
            )
        }
        guard !isEmpty, try migrator.hasBeenSuperseded(database) else { return }
        throw LedgerFault(
            .tooNew,
            "a later version of the gateway has written the file",
            fix: "Run that version or a later one, or give LEDGER_URL another path than \(path)"
        )
    }

    /// Times are microseconds since 1970, ids and digests their bytes. `number` counts in the order of writing.
    private static let records = """
        CREATE TABLE records (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL,
            operation TEXT NOT NULL,
            caller TEXT NOT NULL,
            key_id TEXT,
            profile BLOB NOT NULL,
            kind TEXT NOT NULL,
            validity INTEGER,
            request_id TEXT NOT NULL,
            key_digest BLOB,
            fingerprint BLOB NOT NULL,
            instance BLOB NOT NULL,
            state TEXT NOT NULL,
            accepted_at INTEGER NOT NULL,
            sent_at INTEGER,
            decided_at INTEGER,
            work_ends INTEGER,
            send_earliest INTEGER,
            send_latest INTEGER,
            send_is_graphs_time INTEGER,
            before TEXT,
            before_created_at INTEGER,
            before_expires_from INTEGER,
            before_expires_to INTEGER,
            code TEXT,
            graph_request_ids TEXT,
            graph_request_id TEXT,
            graph_activity_id TEXT,
            graph_code TEXT,
            token_created_at INTEGER,
            token_expires_at INTEGER,
            evidence TEXT
        );
        CREATE UNIQUE INDEX records_id ON records (id);
        CREATE INDEX records_accepted ON records (accepted_at);
        CREATE INDEX records_profile ON records (profile, kind, sent_at);
        -- The last certain write to a profile, however many others there are.
        CREATE INDEX records_certain ON records (profile, kind, state, sent_at)
            WHERE state = 'created' OR state = 'revoked';
        CREATE INDEX records_sent ON records (sent_at) WHERE state = 'sent';
        """

    private static let keys = """
        CREATE TABLE idempotency_keys (
            caller TEXT NOT NULL,
            digest BLOB NOT NULL,
            fingerprint BLOB NOT NULL,
            record BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (caller, digest)
        ) WITHOUT ROWID;
        CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
        CREATE TABLE probes (id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        """
}
