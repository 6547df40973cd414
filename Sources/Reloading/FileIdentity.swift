import Glibc

/// What tells one state of a file from the next without reading it, through all symbolic links: a replaced file has another
/// inode, a rewritten one another time or size, and one whose rights were mended other rights.
struct FileIdentity: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: [Int]
    private let changed: [Int]
    /// Mode, user and group: a time of change may be some milliseconds old.
    private let rights: [UInt32]

    /// `nil` when there is nothing under that name, or nothing that may be looked at.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        rights = [status.st_mode, status.st_uid, status.st_gid]
    }
}
