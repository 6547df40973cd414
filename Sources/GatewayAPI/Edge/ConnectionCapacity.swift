import HummingbirdCore

/// Takes no connection while there are as many as there may be: those that come wait in the system's queue.
///
/// In the place of Hummingbird's own, which says nothing of it.
struct ConnectionCapacity: AvailableConnectionsDelegate {
    let most: Int
    let connections: CallerConnections
    private var count = 0

    init(_ most: Int, _ connections: CallerConnections) {
        self.most = most
        self.connections = connections
    }

    mutating func connectionOpened() {
        count += 1
        if count == most { connections.refuse(.connectionLimit) }
    }

    mutating func connectionClosed() { count -= 1 }

    func isAcceptingNewConnections() -> Bool { count < most }
}
