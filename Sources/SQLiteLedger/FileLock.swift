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
    init(of path: String, patience: Duration) throws(LedgerFault) {
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
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else {
                Glibc.close(descriptor)
                throw LedgerFault(
                    .inUse,
                    "another gateway has the file \(path)",
                    fix: "Stop that one, or give this one a LEDGER_URL of its own; several can share postgresql://"
                )
            }
            usleep(20_000)
        }
        self.descriptor = Mutex(descriptor)
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

/// What `errno` says.
func systemReason() -> String { String(cString: strerror(errno)) }
