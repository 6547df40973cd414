import Foundation
import Synchronization
import TestSupport

/// One of the package's executables, running as a user would run it.
final class Program: Sendable {
    /// A program that did not come up, or did not say what it should have said.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let process: Mutex<Process>
    private let output: Mutex<(out: Data, err: Data)>
    private let ended: Mutex<Bool>

    /// - Parameters:
    ///   - environment: all of it; nothing is inherited but `PATH`.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        process.standardInput = FileHandle.nullDevice
        output = Mutex((Data(), Data()))
        ended = Mutex(false)
        self.process = Mutex(process)
        process.terminationHandler = { [weak self] _ in self?.ended.withLock { $0 = true } }
        try process.start()
        read(out) { [weak self] data in self?.output.withLock { $0.out.append(data) } }
        read(err) { [weak self] data in self?.output.withLock { $0.err.append(data) } }
    }

    /// On a thread of its own, which keeps the pipe open until its end. A handler of Foundation's for what is readable would leave
    /// a registration behind where the pipe is closed first and another child still holds it.
    private func read(_ pipe: Pipe, _ take: @escaping @Sendable (Data) -> Void) {
        let handle = pipe.fileHandleForReading
        Thread {
            while case let data = handle.readChunk(), !data.isEmpty { take(data) }
        }.start()
    }

    deinit { process.withLock { if $0.isRunning { $0.terminate() } } }

    /// Where the executables under test are: beside the tests.
    static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent()

    var standardOutput: String { output.withLock { String(decoding: $0.out, as: UTF8.self) } }
    var standardError: String { output.withLock { String(decoding: $0.err, as: UTF8.self) } }
    var hasEnded: Bool { ended.withLock { $0 } }
    var processID: Int32 { process.withLock { $0.processIdentifier } }

    func terminate() { process.withLock { $0.terminate() } }

    /// Suspends until `find` finds something in what was written; a program that ends or is silent for long fails.
    func waitFor<Found>(_ what: String, in find: (Program) -> Found?) async throws -> Found {
        for _ in 0..<600 {
            if let found = find(self) { return found }
            if hasEnded {
                try await Task.sleep(for: .milliseconds(200))
                if let found = find(self) { return found }
                throw Failure(description: "ended before \(what): \(standardError) \(standardOutput)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "no \(what): \(standardError) \(standardOutput)")
    }

    /// Suspends until it has ended, and returns its exit code; a signal counts as -1.
    func exitCode() async throws -> Int32 {
        for _ in 0..<1200 {
            if hasEnded {
                // What it wrote last is still on its way through the pipe.
                try await Task.sleep(for: .milliseconds(200))
                return process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : -1 }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "it does not end")
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
