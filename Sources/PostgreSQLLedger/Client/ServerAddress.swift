import CPostgreSQL
import Glibc
import Ledger
import Settings

/// Where the server is and as whom it is asked: a connection URL of libpq's, whose options and `PG*` variables hold as they do there.
struct ServerAddress: Sendable {
    private let url: Secret

    /// - Throws: `refused` for what libpq does not take.
    init(_ url: Secret) throws(LedgerFault) {
        self.url = url
        // What libpq says about a URL quotes parts of it, perhaps of the password: it is not repeated.
        let isValid = url.reveal { text in
            guard !text.utf8.contains(0), let options = unsafe PQconninfoParse(text, nil) else { return false }
            unsafe PQconninfoFree(options)
            return true
        }
        guard isValid else {
            throw LedgerFault(
                .refused,
                "LEDGER_URL is no URL of a PostgreSQL database",
                fix: "Give postgresql://USER:PASSWORD@HOST/DATABASE, with special characters in the password as %XX"
            )
        }
    }

    /// Begins to connect. The caller owns what is returned.
    func startConnecting() -> OpaquePointer? {
        unsafe url.reveal { url in
            let settings = [
                // Its options come in here; what stands after it holds over them, a fallback only without them.
                ("dbname", url), ("fallback_application_name", "enrollment-gateway"), ("client_encoding", "UTF8"),
            ]
            let names = unsafe settings.map { unsafe strdup($0.0) } + [nil]
            let values = unsafe settings.map { unsafe strdup($0.1) } + [nil]
            // libpq copies them before it returns.
            defer { unsafe (names + values).forEach { unsafe free($0) } }
            return unsafe PQconnectStartParams(
                names.map { unsafe UnsafePointer($0) },
                values.map { unsafe UnsafePointer($0) },
                1
            )
        }
    }
}
