import Dispatch
package import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A program that a test starts, with pipes to talk to it.
///
/// In the place of Foundation's `Process`: that of Swift 6.3 on Linux copies more of a directory's entry than there is when it counts
/// open descriptors, which now and then ends the tests with a bad pointer.
package final class ChildProgram: Sendable {
    package enum Ending: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    /// What one of the program's descriptors leads to.
    package enum End: Sendable {
        case nothing, pipe
    }

    package let processID: Int32
    /// The tests' ends of the pipes that were asked for.
    package let input: FileHandle?
    package let output: FileHandle?
    package let complaint: FileHandle?
    private let ending = NIOLockedValueBox<Ending?>(nil)

    /// - Parameters:
    ///   - path: absolute.
    ///   - environment: all of it; that of the tests by default.
    package init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        input: End = .nothing,
        output: End = .nothing,
        complaint: End = .nothing
    ) throws {
        let ends = try (ChildEnd(input, isInput: true), ChildEnd(output), ChildEnd(complaint))
        processID = try spawn(
            path,
            [path] + arguments,
            environment.map { "\($0)=\($1)" },
            [ends.0.descriptor, ends.1.descriptor, ends.2.descriptor]
        )
        (self.input, self.output, self.complaint) = (ends.0.ours, ends.1.ours, ends.2.ours)
        let (processID, ending) = (processID, ending)
        Thread.detachNewThread {
            var information = siginfo_t()
            while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            ending.withLockedValue { ending in
                // Until here the number is the program's, and a signal meets nobody else.
                var status: Int32 = 0
                while waitpid(processID, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                ending = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
            }
        }
    }

    /// How it ended; nil while it runs.
    package var ended: Ending? { ending.withLockedValue(\.self) }

    /// Asks it to end, if it has not.
    package func terminate() { ending.withLockedValue { if $0 == nil { kill(processID, SIGTERM) } } }

    /// Runs a program to its end; who is cancelled meanwhile asks it to end. What it complains of is lost.
    ///
    /// - Parameter input: what it reads; nil for nothing at all.
    package static func run(
        _ path: String,
        _ arguments: [String],
        input: String? = nil
    ) async throws -> (output: String, ending: Ending) {
        let child = try ChildProgram(path, arguments, input: input == nil ? .nothing : .pipe, output: .pipe)
        let (output, isRead) = (NIOLockedValueBox(Data()), DispatchSemaphore(value: 0))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Threads of their own: reading, writing and waiting block, and must not take one from the tests.
                Thread.detachNewThread {
                    while let chunk = child.output?.readChunk(), !chunk.isEmpty {
                        output.withLockedValue { $0.append(chunk) }
                    }
                    isRead.signal()
                }
                Thread.detachNewThread {
                    if let input {
                        try? child.input?.write(contentsOf: Data(input.utf8))
                        try? child.input?.close()
                    }
                    let ending = child.wait()
                    // A program that it has left behind may hold the pipe open for ever.
                    _ = isRead.wait(timeout: .now() + lastWords)
                    continuation.resume(
                        returning: (String(decoding: output.withLockedValue(\.self), as: UTF8.self), ending)
                    )
                }
            }
        } onCancel: {
            child.terminate()
        }
    }

    /// How long what a program wrote last is waited for when it has ended, in seconds.
    private static let lastWords = 10.0

    /// Blocks until it has ended.
    @discardableResult
    package func wait() -> Ending {
        while true {
            if let ended { return ended }
            usleep(2000)
        }
    }
}

/// One of the program's descriptors, and the other end of its pipe.
private struct ChildEnd {
    let ours: FileHandle?
    private let theirs: FileHandle

    var descriptor: Int32 { theirs.fileDescriptor }

    init(_ end: ChildProgram.End, isInput: Bool = false) throws {
        guard end == .pipe else {
            let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            ours = nil
            theirs = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            return
        }
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let (read, write) = (
            FileHandle(fileDescriptor: ends[0], closeOnDealloc: true),
            FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        )
        (ours, theirs) = isInput ? (write, read) : (read, write)
    }
}

/// Starts a program with these descriptors as its first three, and no others of ours.
private func spawn(
    _ path: String,
    _ arguments: [String],
    _ environment: [String],
    _ descriptors: [Int32]
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    // In glibc from 2.34 on, though in no module.
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { throw POSIXError(.ENOSYS) }
    _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGHUP, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let (texts, settings) = (arguments.map { strdup($0) }, environment.map { strdup($0) })
    defer { for text in texts + settings { free(text) } }
    var processID: Int32 = 0
    let code = posix_spawn(&processID, path, &actions, &attributes, texts + [nil], settings + [nil])
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    return processID
}
