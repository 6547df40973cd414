import Entra
import Ledger
import PostgreSQLLedger
import SQLiteLedger

extension LedgerConfiguration.Place {
    /// The store that is meant, not open yet; `nil` where nothing is kept.
    func store() -> (any LedgerStore)? {
        switch self {
        case .none: nil
        case .sqlite(let path): SQLiteLedger(path: path)
        case .postgresql(let url): PostgreSQLLedger(url: url)
        }
    }
}

extension AccessConfiguration {
    /// Whose limits Graph counts: an app in a tenant.
    var applicationName: String {
        switch means {
        case .stored(_, let application), .workloadIdentity(_, let application):
            "\(application.tenant)/\(application.client)"
        // A database is one tenant's, and an identity's id is the platform's to know.
        case .managedIdentity: "managed-identity"
        }
    }
}
