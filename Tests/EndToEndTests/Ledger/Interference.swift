import Foundation
import TestSupport

/// A library for a gateway to be started with, which kills it at a chosen moment, lets its writes to the ledger fail, or shifts its
/// clock. See interference.c.
final class Interference: Sendable {
    enum Moment: String, CaseIterable, Sendable {
        case accepted
        case middleOfWrite = "middle-of-write"
        case beforeSync = "before-sync"
        case beforeSend = "before-send"
        case afterSend = "after-send"
        case afterEffect = "after-effect"
        case beforeOutcome = "before-outcome"
        case middleOfOutcome = "middle-of-outcome"
        case beforeAnswer = "before-answer"
        case afterAnswer = "after-answer"

        /// Whether a request that meets it has left for Graph.
        var isSent: Bool {
            switch self {
            case .accepted, .middleOfWrite, .beforeSync, .beforeSend: false
            case .afterSend, .afterEffect, .beforeOutcome, .middleOfOutcome, .beforeAnswer, .afterAnswer: true
            }
        }
    }

    private let folder: Folder
    private var crashWhen: String { folder.path("crash") }
    private var failWhen: String { folder.path("fail") }

    init() async throws {
        folder = try Folder()
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "interference.c").path
        let arguments = ["-shared", "-fPIC", "-O1", "-o", folder.path("interference.so"), source, "-ldl"]
        // Swift brings the one along, and needs the other's files.
        for compiler in ["clang", "gcc", "cc"] {
            if try await run(compiler, arguments).code == 0 { return }
        }
        throw Program.Failure(description: "neither clang nor gcc compiles \(source)")
    }

    /// For a gateway that shall meet it.
    ///
    /// - Parameters:
    ///   - count: for the middle of a write: of which one.
    ///   - ahead: so far its wall clock is ahead.
    func settings(at moment: Moment? = nil, count: Int = 1, ahead: Duration = .zero) -> [String: String] {
        [
            "LD_PRELOAD": folder.path("interference.so"), "LEDGER_FILE": LedgerSite.ledgerName,
            "CRASH_AT": moment?.rawValue ?? "", "CRASH_COUNT": "\(count)", "CRASH_WHEN": crashWhen,
            "FAIL_WHEN": failWhen, "CLOCK_AHEAD": "\(ahead.components.seconds)",
        ]
    }

    /// From now on the moment is the last one.
    func arm() throws { try folder.write("", to: "crash") }

    func disarm() { try? FileManager.default.removeItem(atPath: crashWhen) }

    /// From now on what is written to the ledger fails: `ENOSPC`, `EROFS`, `EIO`.
    func failWrites(with error: String) throws { try folder.write(error, to: "fail") }

    func heal() { try? FileManager.default.removeItem(atPath: failWhen) }
}
