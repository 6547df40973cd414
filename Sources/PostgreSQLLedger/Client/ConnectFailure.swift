import CPostgreSQL
import Ledger

/// Why no connection came about.
///
/// What libpq says may quote the URL, and with it what was meant as a password: only what the server said is repeated.
enum ConnectFailure {
    /// - Parameter handle: of the connection that failed, with its errors `PQERRORS_VERBOSE`.
    static func fault(_ handle: OpaquePointer) -> LedgerFault {
        let message = unsafe String(cString: PQerrorMessage(handle))
        if let said = serverMessage(in: message) {
            let password = unsafe PQpass(handle).map { unsafe String(cString: $0) } ?? ""
            // It has no reason to; but it is not ours.
            let isSafe = password.isEmpty || !said.text.contains(password)
            return SQLState(said.code).fault(isSafe ? said.text : "")
        }
        if unsafe PQconnectionNeedsPassword(handle) != 0 {
            return LedgerFault(.refused, "the database asks for a password", fix: "Give one in LEDGER_URL")
        }
        return described(message)
    }

    /// The last line of the form `SEVERITY:  28P01: text`, as of a server whose language we do not know.
    static func serverMessage(in message: String) -> (code: String, text: String)? {
        for line in message.split(separator: "\n").reversed() {
            for start in line.ranges(of: ":  ").map(\.upperBound) {
                let code = line[start...].prefix(5)
                let rest = line[start...].dropFirst(5)
                guard code.utf8.count == 5, rest.hasPrefix(": "),
                    code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
                else { continue }
                return (String(code), String(rest.dropFirst(2)))
            }
        }
        return nil
    }

    /// What libpq says of a connection that ended in the middle of a handshake, as when the server restarts. OpenSSL 3 says the third.
    private static let breaks = [
        "SSL SYSCALL error", "SSL connection has been closed unexpectedly", "unexpected eof while reading",
        "negotiation packet", "error response during SSL exchange",
    ]

    /// libpq's own messages are in English, since this process sets no locale.
    static func described(_ message: String) -> LedgerFault {
        func says(_ words: String) -> Bool { message.contains(words) }
        // One line for each server that was tried. One that went away says nothing about the others.
        let lines = message.split(separator: "\n")
        let whole = lines.filter { line in !breaks.contains { line.contains($0) } }
        if whole.contains(where: { line in ["certificate", "SSL", "GSSAPI"].contains { line.contains($0) } }) {
            return LedgerFault(
                .refused,
                "no secure connection to the database comes about",
                fix: "Check sslmode and sslrootcert in LEDGER_URL, and the server's certificate"
            )
        }
        if whole.count < lines.count {
            return LedgerFault(.unavailable, "the database ended the connection before it was secure", fix: checkHost)
        }
        if says("translate host name") {
            return LedgerFault(.unavailable, "the name of the database's host has no address", fix: checkHost)
        }
        if says("Connection refused") || says("No such file or directory") {
            return LedgerFault(.unavailable, "no database listens there", fix: checkHost)
        }
        if says("No route to host") || says("unreachable") {
            return LedgerFault(.unavailable, "there is no way to the database's host", fix: checkHost)
        }
        if says("invalid") {
            return LedgerFault(
                .refused,
                "an option in LEDGER_URL or in a PG* variable is not valid",
                fix: "Check them; special characters in the password are written as %XX"
            )
        }
        if says("session is read-only") || says("hot standby") || says("session is not read-only") {
            return LedgerFault(.unavailable, "no database there is as target_session_attrs asks for", fix: checkHost)
        }
        return LedgerFault(.unavailable, "no connection to the database comes about", fix: checkHost)
    }

    private static let checkHost = "See that it runs, and check the host and the port in LEDGER_URL"
}
