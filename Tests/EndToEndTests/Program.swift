import Foundation
import Glibc
import Synchronization
import TestSupport

/// A program, such as one of the package's executables, running as a user would run it.
final class Program: Sendable {
    /// A program that did not come up, or did not say what it should have said.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let output: Mutex<(out: Data, err: Data, openPipes: Int)>
    private let child: ChildProgram

    /// - Parameters:
    ///   - name: one of the package's executables, or the absolute path of another program.
    ///   - environment: all of it; nothing is inherited but `PATH`.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        output = Mutex((Data(), Data(), 2))
        child = try ChildProgram(
            name.hasPrefix("/") ? name : Self.folder.appendingPathComponent(name).path,
            arguments,
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own },
            output: .pipe,
            complaint: .pipe
        )
        read(child.output) { [weak self] data in self?.output.withLock { $0.out.append(data) } }
        read(child.complaint) { [weak self] data in self?.output.withLock { $0.err.append(data) } }
    }

    /// On a thread of its own, which keeps the pipe open until its end. A handler of Foundation's for what is readable would leave
    /// a registration behind where the pipe is closed first and another child still holds it.
    private func read(_ handle: FileHandle?, _ take: @escaping @Sendable (Data) -> Void) {
        guard let handle else { return }
        let end: @Sendable () -> Void = { [weak self] in self?.output.withLock { $0.openPipes -= 1 } }
        Thread {
            while case let data = handle.readChunk(), !data.isEmpty { take(data) }
            end()
        }.start()
    }

    deinit { child.terminate() }

    /// Where the executables under test are: beside the tests.
    static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent()

    var standardOutput: String { output.withLock { String(decoding: $0.out, as: UTF8.self) } }
    var standardError: String { output.withLock { String(decoding: $0.err, as: UTF8.self) } }
    var hasEnded: Bool { child.ended != nil }
    var processID: Int32 { child.processID }

    func terminate() { child.terminate() }

    /// It does nothing more until it is resumed; what it was sent waits for it.
    func freeze() { kill(processID, SIGSTOP) }
    func resume() { kill(processID, SIGCONT) }

    /// Suspends until `find` finds something in what was written; a program that ends fails, and so does one that is silent until the
    /// test's time is over.
    func waitFor<Found>(_ what: String, in find: (Program) -> Found?) async throws -> Found {
        while !Task.isCancelled {
            if let found = find(self) { return found }
            if hasEnded {
                try await waitForLastWords()
                if let found = find(self) { return found }
                throw Failure(description: "ended before \(what): \(standardError) \(standardOutput)")
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "no \(what): \(standardError) \(standardOutput)")
    }

    /// Suspends until it has ended, and returns its exit code; a signal counts as -1.
    func exitCode() async throws -> Int32 {
        for _ in 0..<1200 {
            if let ended = child.ended {
                try await waitForLastWords()
                if case .exit(let code) = ended { return code }
                return -1
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "it does not end")
    }

    /// What it wrote last may still be on its way when it has ended; not for long, even if a child of its own holds the pipes.
    private func waitForLastWords() async throws {
        for _ in 0..<100 where output.withLock({ $0.openPipes }) > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Suspends until a sandbox has announced its address.
    func sandboxURL() async throws -> String {
        try await waitFor("the sandbox's address") { program in
            program.standardOutput.firstMatch(of: /Entra (https?:\S+) Graph/).map { String($0.output.1) }
        }
    }

    /// The lines of its log.
    var log: [[String: String]] {
        standardOutput.split(separator: "\n").compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: String]
        }
    }

    /// Suspends until the log has a line with this message, and returns it.
    func logLine(_ message: String) async throws -> [String: String] {
        try await waitFor("the log line '\(message)'") { $0.log.first { $0["message"] == message } }
    }
}
