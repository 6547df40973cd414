import Foundation

/// Keeps other processes that ask for it, too, from changing files of one folder.
///
/// The lock is on the folder: one on the file would be lost with the file that is replaced, and one of its own would be litter.
struct FolderLock {
    private let descriptor: Int32

    /// - Parameter patience: with another process that has it.
    init(_ path: String, patience: Duration) throws(KeyRingFault) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyRingFault("its folder cannot be opened: \(SystemReason.last)")
        }
        let end = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            // Some network file systems have no such locks; then nobody else can have one.
            case EWOULDBLOCK where ContinuousClock.now < end: usleep(20_000)
            case EWOULDBLOCK:
                close(descriptor)
                throw KeyRingFault("another command has been changing it for \(patience.components.seconds) s")
            default: return
            }
        }
    }

    func release() { close(descriptor) }
}

enum SystemReason {
    /// What the system said of its last call.
    static var last: String { String(cString: strerror(errno)).lowercased() }
}
