import CCurl
import Glibc

/// The connections that libcurl has open, and what must be known of them beside what it tells. The transfer thread's own.
final class OpenSockets {
    /// What tells one open connection from another, as CURLOPT_PREREQFUNCTION(3) has it.
    struct Ends: Hashable {
        var remoteAddress: String
        var remotePort: Int32
        var localPort: Int32
    }

    /// One connection, for as long as it is open, or somebody wants to know of it.
    final class Connection {
        fileprivate let socket: Int32?
        /// Another transfer than the one that opened it has used it.
        var isShared = false
        /// Nothing new may be sent on it.
        var isCondemned = false
        fileprivate var isHeldBack = false

        fileprivate init(_ socket: Int32?) { self.socket = socket }
    }

    private var unknown: Set<Int32> = []
    private var connections: [Ends: Connection] = [:]
    private var heldBack: [Connection] = []
    private var hasNews = false

    func noteOpened(_ socket: Int32) {
        hasNews = true
        unknown.insert(socket)
    }

    func noteClosed(_ socket: Int32) {
        if unknown.remove(socket) == nil { connections = connections.filter { $0.value.socket != socket } }
        heldBack.removeAll { $0.socket == socket }
    }

    /// What is written to the connection from now on leaves with ``sendHeldBack()`` (TCP_CORK, tcp(7)).
    ///
    /// libcurl writes each HTTP/2 frame by itself, two or more for a request, and each would be a segment of its own.
    func holdBack(_ connection: Connection) {
        guard let socket = connection.socket, !connection.isHeldBack else { return }
        connection.isHeldBack = true
        heldBack.append(connection)
        Self.setCork(socket, true)
    }

    func sendHeldBack() {
        for connection in heldBack {
            connection.isHeldBack = false
            if let socket = connection.socket { Self.setCork(socket, false) }
        }
        heldBack.removeAll(keepingCapacity: true)
    }

    /// Where it fails, segments are smaller, and nothing else.
    private static func setCork(_ socket: Int32, _ isOn: Bool) {
        var value: Int32 = isOn ? 1 : 0
        _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether a transfer has got a connection, or one was begun, since this was last asked.
    func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }

    /// The connection between these ends. One that cannot be found is taken for one that others use too.
    func connection(_ ends: Ends) -> Connection {
        hasNews = true
        if let known = connections[ends] { return known }
        for socket in unknown {
            guard let other = Self.ends(of: socket) else { continue }
            unknown.remove(socket)
            connections[other] = Connection(socket)
        }
        if let found = connections[ends] { return found }
        let lost = Connection(nil)
        lost.isShared = true
        return lost
    }
}

// The transfer thread's own: see above.
@available(*, unavailable)
extension OpenSockets: Sendable {}

extension OpenSockets.Connection {
    /// Whether the far side has ended the connection, as far as what came and was not read yet shows.
    ///
    /// libcurl 7.88 takes an idle connection for alive when there is something to read on it, be it TLS's goodbye (close_notify):
    /// it looks one byte ahead, and does not decrypt. What is then sent goes to nobody, and its outcome counts as unknown.
    func isOver(isSecure: Bool) -> Bool {
        guard let socket else { return false }
        var bytes: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
        let size = MemoryLayout.size(ofValue: bytes)
        // At most `size` bytes are copied into the tuple, which has that many.
        let count = unsafe withUnsafeMutablePointer(to: &bytes) { pointer in
            unsafe recv(socket, pointer, size, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        }
        switch count {
        case ..<0: return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR
        case 0: return true
        case size where isSecure: return Self.isAlert(bytes)
        // Nothing was asked there, so nothing should come: without TLS, whatever comes is a farewell.
        default: return !isSecure
        }
    }

    /// Whether this begins a TLS record (RFC 8446 §5.1) with an alert: an open one, or an encrypted one, which shows by its
    /// length: two bytes, the type (§5.2) and the 16 bytes of each cipher suite's tag. No frame of HTTP/2 is as short.
    private static func isAlert(_ record: (UInt8, UInt8, UInt8, UInt8, UInt8)) -> Bool {
        let length = Int(record.3) << 8 | Int(record.4)
        return record.0 == 21 || (record.0 == 23 && length == 2 + 1 + 16)
    }
}

extension OpenSockets {
    /// Nil while it is not connected.
    private static func ends(of socket: Int32) -> Ends? {
        guard let local = unsafe end(of: socket, getsockname), let remote = unsafe end(of: socket, getpeername) else {
            return nil
        }
        return Ends(remoteAddress: remote.address, remotePort: remote.port, localPort: local.port)
    }

    private typealias AskForEnd = (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32

    private static func end(of socket: Int32, _ ask: AskForEnd) -> (address: String, port: Int32)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // The storage is large enough for an address of any family, and aligned for it.
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> (String, Int32)? in
                guard unsafe ask(socket, pointer, &length) == 0 else { return nil }
                switch Int32(unsafe pointer.pointee.sa_family) {
                case AF_INET:
                    let end = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in.self)
                    return (HostAddress(end.sin_addr).description, Int32(UInt16(bigEndian: end.sin_port)))
                case AF_INET6:
                    let end = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in6.self)
                    return (HostAddress(end.sin6_addr).description, Int32(UInt16(bigEndian: end.sin6_port)))
                default:
                    return nil
                }
            }
        }
    }
}
