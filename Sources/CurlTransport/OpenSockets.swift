import CCurl
import Glibc

/// The sockets that libcurl has open, to be asked whether the far side has ended one.
///
/// libcurl 7.88 takes an idle connection for alive when there is something to read on it, be it TLS's goodbye (close_notify):
/// it looks one byte ahead, and does not decrypt. What is then sent goes to nobody, and its outcome counts as unknown. The
/// transfer thread's own.
final class OpenSockets {
    private var withoutPort: Set<Int32> = []
    private var byPort: [Int32: Int32] = [:]

    func noteOpened(_ socket: Int32) { withoutPort.insert(socket) }

    func noteClosed(_ socket: Int32) {
        if withoutPort.remove(socket) == nil { byPort = byPort.filter { $0.value != socket } }
    }

    var count: Int { withoutPort.count + byPort.count }

    /// Whether the far side has ended the connection from `localPort`, as far as what came and was not read yet shows.
    func isOver(localPort: Int32, isSecure: Bool) -> Bool {
        guard let socket = socket(localPort: localPort) else { return false }
        var bytes: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
        let size = MemoryLayout.size(ofValue: bytes)
        // At most `size` bytes are copied into the tuple, which has that many.
        let count = unsafe withUnsafeMutablePointer(to: &bytes) { pointer in
            unsafe recv(socket, pointer, size, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        }
        switch count {
        case ..<0: return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR
        case 0: return true
        case size where isSecure: return isAlert(bytes)
        // Nothing was asked there, so nothing should come: without TLS, whatever comes is a farewell.
        default: return !isSecure
        }
    }

    /// Whether this begins a TLS record (RFC 8446 §5.1) with an alert: an open one, or an encrypted one, which shows by its
    /// length: two bytes, the type (§5.2) and the 16 bytes of each cipher suite's tag. No frame of HTTP/2 is as short.
    private func isAlert(_ record: (UInt8, UInt8, UInt8, UInt8, UInt8)) -> Bool {
        let length = Int(record.3) << 8 | Int(record.4)
        return record.0 == 21 || (record.0 == 23 && length == 2 + 1 + 16)
    }

    private func socket(localPort: Int32) -> Int32? {
        if let known = byPort[localPort] { return known }
        for socket in withoutPort {
            guard let port = Self.localPort(of: socket) else { continue }
            withoutPort.remove(socket)
            byPort[port] = socket
        }
        return byPort[localPort]
    }

    /// Nil while it is not connected.
    private static func localPort(of socket: Int32) -> Int32? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // The storage is large enough for an address of any family, and aligned for it.
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int32? in
                guard unsafe getsockname(socket, pointer, &length) == 0 else { return nil }
                let port: in_port_t
                switch Int32(unsafe pointer.pointee.sa_family) {
                case AF_INET:
                    port = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_port
                case AF_INET6:
                    port = unsafe UnsafeRawPointer(pointer).load(as: sockaddr_in6.self).sin6_port
                default:
                    return nil
                }
                return port == 0 ? nil : Int32(UInt16(bigEndian: port))
            }
        }
    }
}

// The transfer thread's own: see above.
@available(*, unavailable)
extension OpenSockets: Sendable {}
