import Foundation

/// Replaces a file as a whole.
struct AtomicFile {
    private static let mode: mode_t = 0o600

    private let target: URL

    init(_ target: URL) { self.target = target }

    /// Writes beside the file, brings it to the disk, and moves it there; what readers see is one or the other.
    ///
    /// - Parameter confirm: called when only the moving is left; what it throws leaves the file as it is.
    func write(_ text: String, confirm: () throws -> Void) throws {
        let draft = target.deletingLastPathComponent().appendingPathComponent(
            ".\(target.lastPathComponent).\(UInt32.random(in: .min ... .max))"
        )
        let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else { throw KeyRingFault("nothing can be written beside it: \(SystemReason.last)") }
        do {
            try fill(descriptor, text)
            try confirm()
            guard rename(draft.path, target.path) == 0 else {
                throw KeyRingFault("it cannot be replaced: \(SystemReason.last)")
            }
        } catch {
            unlink(draft.path)
            throw error
        }
        let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private func fill(_ descriptor: Int32, _ text: String) throws(KeyRingFault) {
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // Whatever the process's mask for new files is.
        fchmod(descriptor, Self.mode)
        try keepOwner(descriptor)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw KeyRingFault("it cannot be written: the disk may be full")
        }
    }

    /// Root may well be the one who gives out keys, while the gateway runs as another user, who must go on reading them.
    private func keepOwner(_ descriptor: Int32) throws(KeyRingFault) {
        var status = stat()
        guard stat(target.path, &status) == 0, status.st_uid != geteuid() || status.st_gid != getegid() else { return }
        if fchown(descriptor, status.st_uid, status.st_gid) == 0 || status.st_uid == geteuid() { return }
        throw KeyRingFault(
            "it belongs to another user, who could not read what would take its place: run this as that user (\(status.st_uid)) or as root"
        )
    }
}
