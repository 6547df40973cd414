import Foundation
import Ledger
import PostgreSQLLedger
import SQLiteLedger

extension LedgerConfiguration.Place {
    /// Opens the ledger for somebody who reads it, maybe beside a gateway that writes it.
    func reader() throws(LedgerFault) -> any LedgerReading {
        switch self {
        case .none: throw LedgerFault(.refused, "nothing is kept")
        case .sqlite(let path):
            try Self.checkIsThere(path)
            return try SQLiteLedger.reader(path: path)
        case .postgresql(let url): return try PostgreSQLLedger.reader(url: url)
        }
    }

    /// Which file is meant, where there is none: a relative path is one from the folder in which the command runs.
    private static func checkIsThere(_ path: String) throws(LedgerFault) {
        guard access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else { return }
        throw LedgerFault(
            .unavailable,
            "no gateway has written \(URL(fileURLWithPath: path).path) yet",
            fix: "LEDGER_URL names another file (sqlite:PATH) where the gateway keeps it elsewhere"
        )
    }
}
