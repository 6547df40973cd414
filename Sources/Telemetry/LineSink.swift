import Foundation
import Synchronization

/// Where log lines go.
package protocol LineSink: Sendable {
    /// Writes `line` and a line break, all or nothing as far as other lines are concerned.
    func write(_ line: String)
}

/// A file descriptor: standard output, or standard error.
package struct DescriptorSink: LineSink {
    package static let standardOutput = DescriptorSink(descriptor: STDOUT_FILENO)
    package static let standardError = DescriptorSink(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    package func write(_ line: String) {
        // One write for the whole line: the kernel keeps writes to a pipe of up to PIPE_BUF bytes together (pipe(7)). What
        // cannot be written is dropped: a log that nobody reads must not stop the service.
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        Lines.lock.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}

private enum Lines {
    /// Longer lines take several writes; nothing may come in between.
    static let lock = Mutex(())
}
