import Glibc
import TestSupport

/// A file system in memory that is soon full. Only root may make one.
struct SmallDisk {
    static let isPossible = {
        guard geteuid() == 0, let folder = try? Folder() else { return false }
        guard (try? run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder.path])) == .exit(0) else {
            return false
        }
        return (try? run("/bin/umount", [folder.path])) == .exit(0)
    }()

    private let folder: Folder
    var path: String { folder.path("disk/ledger.sqlite") }

    init(bytes: Int) throws {
        folder = try Folder()
        mkdir(folder.path("disk"), 0o700)
        let ending = try Self.run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "none", folder.path("disk")])
        guard ending == .exit(0) else { throw CannotMount() }
    }

    struct CannotMount: Error {}

    func grow(to bytes: Int) throws {
        _ = try Self.run("/bin/mount", ["-o", "remount,size=\(bytes)", folder.path("disk")])
    }

    func makeReadOnly(_ isReadOnly: Bool) throws {
        _ = try Self.run("/bin/mount", ["-o", "remount,\(isReadOnly ? "ro" : "rw")", folder.path("disk")])
    }

    func end() { _ = try? Self.run("/bin/umount", ["--lazy", folder.path("disk")]) }

    private static func run(_ path: String, _ arguments: [String]) throws -> ChildProgram.Ending {
        try ChildProgram(path, arguments).wait()
    }
}
