import CPostgreSQL
import Ledger

/// The five characters by which PostgreSQL says what went wrong (its appendix A), and what they mean to the ledger.
struct SQLState: Sendable, Equatable {
    let code: String

    init(_ code: String) { self.code = code }

    /// Whether the server may answer another connection, perhaps on another host: it is about to end, or only reads.
    var asksForNewConnection: Bool { code.hasPrefix("57P") || code.hasPrefix("08") || code == "25006" }

    /// Whether the server gave up because it took too long.
    var isTimeout: Bool { code == "57014" || code == "55P03" }

    /// - Parameter message: the server's primary message, in its language.
    func fault(_ message: String) -> LedgerFault {
        let (kind, words, fix) = meaning
        let said = message.isEmpty ? code : "\(message), \(code)"
        return LedgerFault(kind, "\(words) (\(said))", fix: fix)
    }

    private var meaning: (LedgerFault.Kind, String, String?) {
        switch code {
        case "28P01", "28000":
            (
                .refused, "the database refuses the user or the password",
                "Check both in LEDGER_URL, and that the server's pg_hba.conf lets the user in from here"
            )
        case "3D000": (.refused, "there is no such database", "Create it, or correct LEDGER_URL")
        case "42501":
            (
                .refused, "the database's user lacks a right",
                "Let it own the ledger's tables: CREATE SCHEMA \(Schema.name) AUTHORIZATION its-name"
            )
        case "3F000", "42P01", "42703":
            (.corrupt, "the ledger's tables are missing", "Restart the gateway: it creates them")
        case "25006":
            (
                .unavailable, "the database can only be read",
                "Name the primary server in LEDGER_URL, or all servers and target_session_attrs=read-write"
            )
        case "53100": (.unavailable, "no space is left on the database's disk", nil)
        case "53300":
            (.unavailable, "the database has too many connections", "Raise its max_connections, or end some")
        case "57014", "55P03": (.unavailable, "the database took too long", nil)
        case "57P01", "57P02": (.unavailable, "the database is shutting down", nil)
        case "57P03": (.unavailable, "the database is starting", nil)
        case "XX001", "XX002":
            (.corrupt, "the database is damaged", "Restore it from a backup")
        default: (.unavailable, "the database reports an error", nil)
        }
    }
}

/// What the server said instead of doing what it was asked.
struct ServerError: Sendable {
    let state: SQLState
    /// Its primary message, in its language.
    let message: String

    var fault: LedgerFault { state.fault(message) }

    /// Reads it off a result, which stays the caller's.
    init(_ result: OpaquePointer) {
        // The codes of PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY. libpq keeps the texts as long as the result.
        let (state, message) = unsafe (PQresultErrorField(result, 0x43), PQresultErrorField(result, 0x4D))
        self.state = SQLState(unsafe state.map { unsafe String(cString: $0) } ?? "?????")
        self.message = unsafe message.map { unsafe String(cString: $0) } ?? ""
    }
}
