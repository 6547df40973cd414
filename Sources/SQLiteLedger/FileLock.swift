import Glibc
import Ledger
import Synchronization
import Transport

/// A lock beside the ledger's file that only one gateway can have: until ``end()``, or until its process ends.
///
/// It is not on the file itself: SQLite's own locks on it would be lost when any descriptor of it is closed.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// Blocks for `patience` at most. Makes the folders that are missing, for this user alone.
    ///
    /// - Parameter locking: flock(2); tests stand in for it.
    /// - Throws: `inUse` where another gateway has it; `unavailable` where the system gives no locks.
    init(
        of path: String,
        patience: Duration,
        locking: (Int32, Int32) -> Int32 = { flock($0, $1) }
    ) throws(LedgerFault) {
        try Folders.create(Folders.parent(of: path))
        let lock = Self.target(of: path) + ".lock"
        let descriptor = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerFault(
                .unavailable,
                "\(lock) cannot be created: \(systemReason())",
                fix: "Give this user the right to write there, or give LEDGER_URL another path"
            )
        }
        let end = ContinuousClock.now + patience
        while locking(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK where ContinuousClock.now < end: usleep(20_000)
            case let code:
                Glibc.close(descriptor)
                throw code == EWOULDBLOCK ? Self.isInUse(path) : Self.isImpossible(lock, code)
            }
        }
        self.descriptor = Mutex(descriptor)
    }

    private static func isInUse(_ path: String) -> LedgerFault {
        LedgerFault(
            .inUse,
            "another gateway has the file \(path)",
            fix: "Stop that one, or give this one a LEDGER_URL of its own; several can share postgresql://"
        )
    }

    private static func isImpossible(_ lock: String, _ code: Int32) -> LedgerFault {
        LedgerFault(
            .unavailable,
            "\(lock) cannot be locked: \(systemReason(code))",
            fix: "Put the ledger on a local disk, since not every network file system has locks"
        )
    }

    /// The file itself, by whatever links it is named: all that name it have to meet at one lock.
    private static func target(of path: String) -> String {
        guard let target = realpath(path, nil) else { return path }
        defer { free(target) }
        return String(cString: target)
    }

    func end() {
        let descriptor = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}

/// The folders on the way to a file.
enum Folders {
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes those that are missing.
    static func create(_ path: String) throws(LedgerFault) {
        if access(path, F_OK) == 0 { return }
        if path != "." && path != "/" { try create(parent(of: path)) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw LedgerFault(
                .unavailable,
                "the folder \(path) cannot be created: \(systemReason())",
                fix: "Create it for this user, or give LEDGER_URL another path"
            )
        }
    }
}

/// What the system says of its last call.
func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
