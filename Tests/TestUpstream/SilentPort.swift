import Glibc

/// A port of this machine that is taken, and where nobody takes a connection.
package final class SilentPort: Sendable {
    package enum Manner: Sendable {
        /// A connection is refused at once.
        case refuses
        /// It is never answered: the queue of those that wait to be accepted is full.
        case ignores
    }

    package let port: Int
    private let descriptors: [Int32]

    /// Takes a port of the system's choice on loopback. One that a server had a moment ago could be another test's by now.
    package convenience init(_ manner: Manner) throws { try self.init(0, at: "127.0.0.1", manner) }

    package init(_ port: Int, at address: String, _ manner: Manner) throws {
        let listener = Self.newSocket()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout.size(ofValue: yes)))
        guard Self.with(address, port, { bind(listener, $0, $1) }) == 0 else { throw Taken(error: errno) }
        self.port = port == 0 ? Self.port(of: listener) : port
        switch manner {
        case .refuses: descriptors = [listener]
        case .ignores:
            listen(listener, 0)
            // A queue of no length holds one, and the kernel may let another one through.
            let waiting = (0..<4).map { _ in Self.newSocket() }
            for descriptor in waiting { _ = Self.with(address, self.port) { connect(descriptor, $0, $1) } }
            descriptors = [listener] + waiting
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Does not block.
    private static func newSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    private static func with(
        _ text: String,
        _ port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    struct Taken: Error {
        var error: Int32
    }
}
