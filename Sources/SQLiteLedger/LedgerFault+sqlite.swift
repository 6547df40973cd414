import GRDB
import Ledger

extension LedgerFault {
    /// What SQLite says, in plain words. A fault stays as it is.
    ///
    /// - Parameter path: of the file.
    init(sqlite error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? LedgerFault ?? LedgerFault(.unavailable, "an unexpected error")
            return
        }
        switch error.resultCode {
        // The index of the log, which is made as large as it has to be beforehand.
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: fallthrough
        case .SQLITE_FULL: self.init(.unavailable, "no space is left on the disk")
        case .SQLITE_READONLY, .SQLITE_PERM:
            self.init(.unavailable, "the file or its folder is read-only", fix: "Give this user the right to write it")
        case .SQLITE_IOERR:
            // The write may have got to the disk although the flush failed.
            self.init(.unavailable, "the disk failed to read or to write", isUncertain: true)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.unavailable, "another program has locked the file")
        case .SQLITE_CANTOPEN:
            self.init(.unavailable, "the file \(path) cannot be opened")
        case .SQLITE_CORRUPT: self.init(.corrupt, "the file is damaged", fix: Damage.wayOut(path))
        case .SQLITE_NOTADB: self.init(.corrupt, "the file is no SQLite database", fix: Damage.wayOut(path))
        case .SQLITE_MISUSE: self.init(.unavailable, "the ledger is closed")
        case .SQLITE_NOMEM: self.init(.unavailable, "no memory is left")
        default: self.init(.unavailable, "SQLite fails with code \(error.extendedResultCode.rawValue)")
        }
    }

}

extension DatabaseError {
    /// Whether it is about one row's values.
    var isOfOneWrite: Bool {
        switch resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: true
        default: false
        }
    }
}
