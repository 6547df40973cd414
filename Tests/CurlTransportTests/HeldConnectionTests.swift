import Glibc
import Testing

@testable import CurlTransport

/// What libcurl writes during a turn leaves together.
@Suite("Connections that are held back")
struct HeldConnectionTests {
    /// Both ends of a connection of this machine.
    private struct Pair {
        let near: Int32
        let far: Int32
        let ends: OpenSockets.Ends

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            try #require(Self.with(&address, { bind(listener, $0, $1) }) == 0)
            try #require(listen(listener, 1) == 0)
            address = try Self.address(of: listener)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            try #require(Self.with(&address, { connect(descriptor, $0, $1) }) == 0)
            near = descriptor
            far = accept(listener, nil, nil)
            ends = OpenSockets.Ends(
                remoteAddress: "127.0.0.1",
                remotePort: Int32(UInt16(bigEndian: address.sin_port)),
                localPort: Int32(UInt16(bigEndian: try Self.address(of: descriptor).sin_port))
            )
        }

        private static func address(of descriptor: Int32) throws -> sockaddr_in {
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = with(&address) { pointer, _ in getsockname(descriptor, pointer, &length) }
            try #require(code == 0)
            return address
        }

        var isCorked: Bool {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(near, Int32(IPPROTO_TCP), TCP_CORK, &value, &length)
            return value != 0
        }

        func end() {
            close(near)
            close(far)
        }

        private static func with(
            _ address: inout sockaddr_in,
            _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
        ) -> Int32 {
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    @Test("it is held until the turn's end, and again in the next turn")
    func turns() throws {
        let pair = try Pair()
        defer { pair.end() }
        let sockets = OpenSockets()
        sockets.noteOpened(pair.near)
        for _ in 0..<2 {
            let connection = sockets.connection(pair.ends)
            sockets.holdBack(connection)
            sockets.holdBack(connection)
            #expect(pair.isCorked)
            sockets.sendHeldBack()
            #expect(!pair.isCorked)
        }
    }

    @Test("one that ends while it is held is forgotten, and its number not touched any more")
    func ended() throws {
        let pair = try Pair()
        defer { pair.end() }
        let sockets = OpenSockets()
        sockets.noteOpened(pair.near)
        sockets.holdBack(sockets.connection(pair.ends))
        sockets.noteClosed(pair.near)
        sockets.sendHeldBack()
        // The descriptor stands for whatever got its number next: nothing was done to it.
        #expect(pair.isCorked)
    }
}
