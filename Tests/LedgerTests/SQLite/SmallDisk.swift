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

    func grow(to bytes: Int) async throws { try await remount("size=\(bytes)") }

    func makeReadOnly() async throws { try await remount("ro") }

    /// The system refuses while a file is open there: a process that another test is starting has, until it begins with its
    /// program, what was open here.
    private func remount(_ options: String) async throws {
        while try Self.run("/bin/mount", ["-o", "remount,\(options)", folder.path("disk")]) != .exit(0) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func end() { _ = try? Self.run("/bin/umount", ["--lazy", folder.path("disk")]) }

    private static func run(_ path: String, _ arguments: [String]) throws -> ChildProgram.Ending {
        try ChildProgram(path, arguments).wait()
    }
}
