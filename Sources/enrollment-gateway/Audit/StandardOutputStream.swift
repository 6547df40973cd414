import Foundation

/// Standard output for much text: it is collected, and leaves in large pieces.
///
/// Where nobody takes it, it waits in a way that can be cancelled.
struct StandardOutputStream {
    /// The reader has gone.
    struct Closed: Error {}

    /// Such as a full disk.
    struct Failure: Error, CustomStringConvertible {
        let code: Int32

        var description: String { String(cString: strerror(code)) }
    }

    private static let bufferBytes = 65_536
    /// What poll(2) promises to have room for: a write of no more never waits (pipe(7)).
    private static let pieceBytes = 4096
    /// In milliseconds: so long at most until a cancellation is seen.
    private static let patience: Int32 = 100

    private var buffer: [UInt8] = []

    /// - Throws: ``Closed``, ``Failure``, and `CancellationError`.
    mutating func write(_ lines: [String]) async throws {
        for line in lines {
            buffer += line.utf8
            buffer.append(0x0A)
        }
        if buffer.count >= Self.bufferBytes { try await flush() }
    }

    mutating func flush() async throws {
        var rest = buffer[...]
        buffer = []
        while !rest.isEmpty {
            while try !Self.hasRoom(within: Self.patience) {
                try Task.checkCancellation()
                await Task.yield()
            }
            let written = rest.prefix(Self.pieceBytes).withUnsafeBytes {
                Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR || errno == EAGAIN { continue }
            guard written > 0 else { throw errno == EPIPE ? Closed() : Failure(code: errno) as any Error }
            rest = rest.dropFirst(written)
        }
    }

    /// Finds out whether the reader has gone, although there is nothing to write.
    ///
    /// - Throws: ``Closed``
    static func check() throws { _ = try hasRoom(within: 0) }

    private static func hasRoom(within milliseconds: Int32) throws -> Bool {
        var wanted = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return false }
        // Of a pipe: no reader is left.
        if wanted.revents & Int16(POLLERR) != 0 { throw Closed() }
        // What else there is, the write finds out.
        return true
    }
}
