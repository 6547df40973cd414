import Glibc

/// Which file it is, whatever is in it and however it is called.
///
/// In a module that imports little: what declares C's `stat` depends on which module is imported first, and where that is one of
/// Foundation's, its members cannot be seen.
package struct FileNode: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    /// Neither a pipe nor a device nor a folder.
    package let isRegular: Bool

    /// `nil` when there is nothing under that name, or nothing that may be looked at.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// `nil` for what is not open.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }
}
