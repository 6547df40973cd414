import Foundation
import Synchronization

/// A file descriptor: standard output, or standard error. Whoever writes waits for it, for some milliseconds where nobody reads.
package struct DescriptorSink: LineSink {
    package static let standardOutput = DescriptorSink(descriptor: STDOUT_FILENO)
    package static let standardError = DescriptorSink(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// A log that nobody reads must not stop the service: where there is no room the line is dropped.
    package func write(_ line: [UInt8]) {
        _ = write((line + [UInt8(ascii: "\n")])[...], patience: Self.patience)
    }

    /// Writes as much as there is room for.
    ///
    /// - Parameter patience: how long is waited for room before the first byte, in milliseconds.
    /// - Returns: how many bytes were written.
    func write(_ bytes: ArraySlice<UInt8>, patience: Int32) -> Int {
        // poll(2) finds a pipe writable when PIPE_BUF bytes fit, and a write of no more than that then does not block (pipe(7)).
        Lines.lock.withLock { _ in
            var rest = bytes
            var patience = patience
            while !rest.isEmpty, hasRoom(within: patience) {
                let written = rest.prefix(Self.pieceBytes).withUnsafeBytes {
                    Foundation.write(descriptor, $0.baseAddress, $0.count)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { break }
                rest = rest.dropFirst(written)
                patience = Self.patienceInside
            }
            return bytes.count - rest.count
        }
    }

    private static let pieceBytes = 4096
    /// For a reader that is only slow.
    private static let patience: Int32 = 5
    /// Longer, so that a line that was begun is ended.
    private static let patienceInside: Int32 = 100

    private func hasRoom(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0 && wanted.revents & Int16(POLLOUT) != 0
    }
}

private enum Lines {
    /// Longer lines take several writes; nothing may come in between.
    static let lock = Mutex(())
}
