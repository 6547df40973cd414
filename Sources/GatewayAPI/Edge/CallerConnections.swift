import Synchronization

/// The connections of all callers together: how many there are, and whether they are to end.
package final class CallerConnections: Sendable {
    private let ending = Atomic(false)
    private let open = Atomic(0)

    package init() {}

    /// How many are open.
    package var count: Int { open.load(ordering: .relaxed) }

    /// From now on each connection ends with the next answer on it, which says so; what is idle stays open until it is used, so
    /// that no request meets a connection that is being closed. New connections are served in the same way.
    ///
    /// From any thread, and any number of times.
    package func beginEnding() { ending.store(true, ordering: .relaxed) }

    /// The answer under way is to be its connection's last.
    var areEnding: Bool { ending.load(ordering: .relaxed) }

    func opened() { open.add(1, ordering: .relaxed) }

    func closed() { open.subtract(1, ordering: .relaxed) }
}
