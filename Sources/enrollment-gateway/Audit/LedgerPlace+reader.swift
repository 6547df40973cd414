import Ledger
import PostgreSQLLedger
import SQLiteLedger

extension LedgerConfiguration.Place {
    /// Opens the ledger for somebody who reads it, maybe beside a gateway that writes it.
    func reader() throws(LedgerFault) -> any LedgerReading {
        switch self {
        case .none: throw LedgerFault(.refused, "nothing is kept")
        case .sqlite(let path): return try SQLiteLedger.reader(path: path)
        case .postgresql(let url): return try PostgreSQLLedger.reader(url: url)
        }
    }
}
