import ArgumentParser
import Foundation
import KeyRing
import Synchronization
import Telemetry

/// Writes the answer of a command on standard output, at once: a pipe would get all of it at the end. Where that is impossible,
/// as on a full disk, on standard error: it may be what came of something that was done.
func answer(_ text: String) {
    guard !StandardOutput.write(text) else { return }
    hasLostOutput.store(true, ordering: .relaxed)
    complain("Standard output cannot be written: \(String(cString: strerror(errno))).\n\(text)")
}

/// Writes all that a command has to answer.
///
/// - Throws: `ExitCode` where ``answer(_:)`` had to go elsewhere.
func tell(_ text: String) throws {
    answer(text)
    if hasLostOutput.load(ordering: .relaxed) { throw ExitCode.failure }
}

/// Whether ``answer(_:)`` had to go elsewhere, which is a failure of the command.
let hasLostOutput = Atomic(false)

/// Says one thing on standard error, and never a caller's key: people mistake it for other arguments.
func complain(_ text: String) { DescriptorSink.standardError.write(Array(APIKey.masked(in: text).utf8)) }

enum StandardOutput {
    /// Writes a text and a line break, and nothing of it anywhere else.
    ///
    /// - Returns: whether all of it was taken.
    static func write(_ text: String) -> Bool {
        let bytes = Array((text + "\n").utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

enum StandardInput {
    /// The first line, without its end; no more of it than a byte over `limit`.
    static func line(upTo limit: Int) -> String {
        var bytes: [UInt8] = []
        while bytes.count <= limit, let byte = try? FileHandle.standardInput.read(upToCount: 1)?.first, byte != 0x0A {
            bytes.append(byte)
        }
        if bytes.last == 0x0D { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
