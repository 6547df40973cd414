import NIOPosix

/// Tells whether one of some files has changed since it was last asked.
///
/// It looks at the files instead of waiting for events of the kernel: a mounted secret is replaced by turning a symbolic link
/// somewhere above it (Kubernetes turns `..data`), which a watch on the file does not see, and network file systems send no
/// events at all.
package struct FileWatch: Sendable {
    /// A change is told when the files have stayed the same from one look to the next, so that half-written ones are seldom
    /// read; after so many looks it is told all the same.
    static let longestWait = 5

    package let paths: [String]
    private var told: [FileIdentity?]
    private var seen: [FileIdentity?]
    private var restlessLooks = 0

    /// Looks at the files for the first time.
    package init(_ paths: [String]) async {
        self.paths = paths
        told = await Self.identities(of: paths)
        seen = told
    }

    /// Looks again. Where a file system hangs, this waits, and no thread of Swift's with it.
    ///
    /// - Returns: whether something has changed that was not told before.
    package mutating func look() async -> Bool {
        let present = await Self.identities(of: paths)
        defer { seen = present }
        guard present != told else {
            restlessLooks = 0
            return false
        }
        restlessLooks += 1
        guard present == seen || restlessLooks >= Self.longestWait else { return false }
        told = present
        restlessLooks = 0
        return true
    }

    private static func identities(of paths: [String]) async -> [FileIdentity?] {
        guard !paths.isEmpty else { return [] }
        return await BlockingWork.run { paths.map(FileIdentity.init) }
    }
}

/// Work that may wait for a disk or a network file system, on threads that are made for it.
package enum BlockingWork {
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        // The pool refuses only once it is shut down, which nobody does to the process's own.
        do { return try await NIOThreadPool.singleton.runIfActive(work) } catch { return work() }
    }
}
