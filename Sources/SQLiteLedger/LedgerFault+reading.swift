import Foundation
import Ledger

extension LedgerFault {
    /// Why somebody who is not the gateway cannot read its file.
    ///
    /// - Parameter code: the system's error number.
    init(reading path: String, code: Int32) {
        // A relative path is one from the folder in which the command runs, and the reader may not know which that is.
        let path = URL(fileURLWithPath: path).path
        switch code {
        case ENOENT, ENOTDIR:
            self.init(
                .unavailable,
                "no gateway has written \(path) yet",
                fix: "LEDGER_URL names another file (sqlite:PATH) where the gateway keeps it elsewhere"
            )
        case EACCES, EPERM:
            self.init(
                .unavailable,
                "\(path) may not be read (\(String(cString: strerror(code))))",
                fix: "Run this as the gateway's user"
            )
        default: self.init(.unavailable, "\(path) cannot be read: \(String(cString: strerror(code)))")
        }
    }
}
