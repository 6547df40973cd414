import Foundation
import GRDB
import Ledger
import TestSupport
import Transport

@testable import SQLiteLedger

/// A folder with one ledger in it.
struct LedgerFolder {
    let folder: Folder
    let path: String
    /// Patience that tests have.
    var limits = Limits()

    init() throws {
        folder = try Folder()
        path = folder.path("ledger.sqlite")
        limits.stuckAfter = .seconds(60)
        limits.lockPatience = .milliseconds(100)
        limits.busyTimeout = .milliseconds(100)
    }

    func open() async throws -> SQLiteLedger {
        let ledger = SQLiteLedger(path: path, limits: limits)
        try await ledger.open()
        return ledger
    }

    /// The fault that opening it ends with.
    func openingFault() async -> LedgerFault? {
        let ledger = SQLiteLedger(path: path, limits: limits)
        do {
            try await ledger.open()
            await ledger.close()
            return nil
        } catch {
            return error
        }
    }

    /// Writes so many records, decided and old, and closes the file.
    func populate(_ count: Int) async throws {
        let ledger = try await open()
        try await withThrowingTaskGroup { group in
            for _ in 0..<count {
                group.addTask { try await ledger.settle(Request(of: ledger), as: .refused, key: .released) }
            }
            try await group.waitForAll()
        }
        await ledger.close()
    }

    /// Overwrites a part of the file, given as fractions of its length, with what is no page.
    func damage(from start: Double, to end: Double) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let length = try Double(file.seekToEnd())
        try file.seek(toOffset: UInt64(length * start))
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(length * (end - start))))
        try file.close()
    }

    /// A connection as another program has it.
    func otherProgram() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

/// The fault that `work` ends with; `nil` for none.
func fault(of work: () async throws -> Void) async -> LedgerFault? {
    do {
        try await work()
        return nil
    } catch {
        return error as? LedgerFault ?? LedgerFault(.unavailable, "no fault of a ledger: \(error)")
    }
}
