import Foundation
import Settings

/// The key ring's file: read whole or not at all, and written so that a reader finds the old one or the new one.
package struct KeyRingFile: Sendable {
    /// A larger file is not read: 10,000 keys take some 4 MB.
    package static let largest = 16 * 1024 * 1024

    package let path: String

    package init(_ path: String) { self.path = path }

    /// - Throws: ``KeyRingFault``, also where there is no file.
    package func read() throws(KeyRingFault) -> KeyRingDocument {
        let data: Data
        do { data = try SecretFile(path).contents(upTo: Self.largest) } catch { throw KeyRingFault(error.reason) }
        return try KeyRingDocument(Array(data))
    }

    /// Reads the file, has it changed, and writes it; a missing one counts as empty.
    ///
    /// Two of these at the same time wait for each other, also in different processes.
    ///
    /// - Throws: ``KeyRingFault``, or what `change` throws; the file is as it was then.
    package func update<Value>(_ change: (inout KeyRingDocument) throws -> Value) throws -> Value {
        let target = try resolved()
        let lock = try FolderLock(target.deletingLastPathComponent().path)
        defer { lock.release() }
        let isNew = !FileManager.default.fileExists(atPath: target.path)
        var document =
            isNew ? KeyRingDocument(schema: KeyRingDocument.schemaName) : try KeyRingFile(target.path).read()
        let value = try change(&document)
        try AtomicFile(target).write(document.text)
        return value
    }

    /// Through symbolic links: what is replaced is what they lead to, not the link.
    private func resolved() throws(KeyRingFault) -> URL {
        var path = path
        for _ in 0..<16 {
            guard let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
                return URL(fileURLWithPath: path)
            }
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            path = URL(fileURLWithPath: destination, relativeTo: folder).absoluteURL.path
        }
        throw KeyRingFault("it is a symbolic link that leads nowhere")
    }
}

/// Keeps other processes that ask for it, too, from changing files of one folder.
///
/// The lock is on the folder: one on the file would be lost with the file that is replaced, and one of its own would be litter.
private struct FolderLock {
    private static let patience: Duration = .seconds(10)

    private let descriptor: Int32

    init(_ path: String) throws(KeyRingFault) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyRingFault("its folder cannot be opened: \(SystemReason.last)")
        }
        let end = ContinuousClock.now + Self.patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            // Some network file systems have no such locks; then nobody else can have one.
            case EWOULDBLOCK where ContinuousClock.now < end: usleep(20_000)
            case EWOULDBLOCK:
                close(descriptor)
                throw KeyRingFault("another command has been changing it for \(Self.patience.components.seconds) s")
            default: return
            }
        }
    }

    func release() { close(descriptor) }
}

/// Replaces a file as a whole.
private struct AtomicFile {
    private static let mode: mode_t = 0o600

    private let target: URL

    init(_ target: URL) { self.target = target }

    /// Writes beside the file, brings it to the disk, and moves it there; what readers see is one or the other.
    func write(_ text: String) throws(KeyRingFault) {
        let draft = target.deletingLastPathComponent().appendingPathComponent(
            ".\(target.lastPathComponent).\(UInt32.random(in: .min ... .max))"
        )
        let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else { throw KeyRingFault("nothing can be written beside it: \(SystemReason.last)") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            // Whatever the process's mask for new files is.
            fchmod(descriptor, Self.mode)
            try keepOwner(descriptor)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch let fault as KeyRingFault {
            unlink(draft.path)
            throw fault
        } catch {
            unlink(draft.path)
            throw KeyRingFault("it cannot be written: the disk may be full")
        }
        guard rename(draft.path, target.path) == 0 else {
            let reason = SystemReason.last
            unlink(draft.path)
            throw KeyRingFault("it cannot be replaced: \(reason)")
        }
        let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
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

private enum SystemReason {
    /// What the system said of its last call.
    static var last: String { String(cString: strerror(errno)).lowercased() }
}
