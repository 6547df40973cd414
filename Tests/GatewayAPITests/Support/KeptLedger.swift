import Ledger
import Logging
import SQLiteLedger
import Settings
import TestSupport
import Transport

/// A ledger in a file of a test's own.
struct KeptLedger: Sendable {
    let ledger: Ledger
    let store: SQLiteLedger
    let folder: Folder

    /// - Parameter isStarting: whether what was left behind is still to be looked into.
    init(
        in folder: Folder? = nil,
        isStarting: Bool = false,
        clock: any MonotonicClock = ContinuousClock()
    ) async throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        store = SQLiteLedger(path: folder.path("ledger.sqlite"))
        ledger = Ledger(
            store: store,
            configuration: LedgerConfiguration(SettingsReader(environment: [:])),
            deadline: .seconds(25),
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await ledger.openStore()
        if !isStarting { ledger.finishStarting(late: false) }
    }

    /// All that is on record, oldest first.
    var records: [LedgerRecord] {
        get async throws { try await store.records(LedgerFilter(), after: nil, limit: 1000) }
    }
}
