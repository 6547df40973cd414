import CSocketFilter
import Glibc
package import NIOCore

/// What the system does with packets for a TCP port before the port sees them (socket(7), `SO_ATTACH_FILTER`; packets are as in
/// the kernel's `Documentation/networking/filter.rst`).
package enum SocketFilter {
    /// Where in a TCP header its flags are, and the flag of a request for a connection (RFC 9293 §3.1).
    private static let flags: UInt32 = 13
    private static let syn: UInt32 = 0x02
    /// As much of the packet as there is.
    private static let whole = UInt32.max

    /// Drops requests for a connection, and lets everything else through.
    ///
    /// SAFETY: made once, never changed and never freed, so whoever has its address may read it at any time.
    private nonisolated(unsafe) static let dropsNewConnections: UnsafeMutableBufferPointer<sock_filter> = {
        let steps = UnsafeMutableBufferPointer<sock_filter>.allocate(capacity: 4)
        _ = unsafe steps.initialize(from: [
            sock_filter(code: UInt16(BPF_LD | BPF_B | BPF_ABS), jt: 0, jf: 0, k: flags),
            sock_filter(code: UInt16(BPF_JMP | BPF_JSET | BPF_K), jt: 0, jf: 1, k: syn),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: whole),
        ])
        return unsafe steps
    }()

    /// What the option's value is made of. SAFETY: it points to what stays as it is; see ``dropsNewConnections``.
    @safe private struct Program: @unchecked Sendable {
        let value: sock_fprog
    }

    /// Has the system drop every further request for a connection to `port`, as if it were lost on the way. Connections that it has
    /// begun to make are made, and wait to be accepted; nothing changes for those that are open.
    ///
    /// Whoever asks for one asks again after a second (RFC 6298 §2), and hears that the port is closed as soon as it is: he knows then
    /// that nothing of his request has arrived. Were the port closed first, connections that wait to be accepted would be reset, with
    /// requests in them.
    ///
    /// - Parameter port: a socket that listens.
    /// - Returns: fails where the system has no such filters, or does not allow them.
    package static func dropNewConnections(to port: any Channel) -> EventLoopFuture<Void> {
        guard let options = port as? any SocketOptionProvider else {
            return port.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let steps = unsafe dropsNewConnections
        let program = unsafe Program(value: sock_fprog(len: UInt16(steps.count), filter: steps.baseAddress))
        // SAFETY: the option takes a sock_fprog, and a structure with one member is laid out as that member.
        return options.unsafeSetSocketOption(
            level: .init(rawValue: SOL_SOCKET),
            name: .init(rawValue: SO_ATTACH_FILTER),
            value: program
        )
    }

    /// How many connections to `port` have been made and wait to be accepted.
    ///
    /// - Parameter port: a socket that listens.
    /// - Returns: fails where the system does not tell.
    package static func waitingConnections(to port: any Channel) -> EventLoopFuture<Int> {
        guard let options = port as? any SocketOptionProvider else {
            return port.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        // SAFETY: the option's value is a tcp_info (tcp(7)), of which the kernel fills as much as there is room for.
        let facts: EventLoopFuture<tcp_info> = options.unsafeGetSocketOption(
            level: .init(rawValue: CInt(IPPROTO_TCP)),
            name: .init(rawValue: TCP_INFO)
        )
        // What it means for a socket that listens (tcp_get_info in the kernel's net/ipv4/tcp.c).
        return facts.map { Int($0.tcpi_unacked) }
    }
}
