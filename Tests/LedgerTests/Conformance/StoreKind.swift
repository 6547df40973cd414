import Foundation
import Ledger
import SQLiteLedger
import TestSupport

/// The stores that the conformance tests are held against.
enum StoreKind: CaseIterable, Sendable {
    case sqlite
    case postgresql

    /// Those that several processes may use at once.
    static var shared: [StoreKind] { allCases.filter(\.isShared) }

    var isShared: Bool {
        switch self {
        case .sqlite: false
        case .postgresql: true
        }
    }

    /// Hands an opened store on a place of its own to `body`, and cleans up after it.
    func withStore(_ body: (any StoreUnderTest) async throws -> Void) async throws {
        let place: any StoreUnderTest =
            switch self {
            case .sqlite: try await SQLiteStoreUnderTest()
            case .postgresql: try await PostgreSQLStoreUnderTest()
            }
        do {
            try await body(place)
        } catch {
            await place.end()
            throw error
        }
        await place.end()
    }
}

/// A store on a place of its own.
protocol StoreUnderTest: Sendable {
    /// The one that was opened first.
    var store: any LedgerStore { get }

    /// Another one on the same place, as another process would open it. Where only one can have the place, the one before
    /// is closed.
    func another() async throws -> any LedgerStore

    /// Every byte that the store has written; `nil` where that cannot be seen.
    func bytes() throws -> Data?

    /// Closes what is open and removes the place.
    func end() async
}

/// A file in a folder of its own.
actor SQLiteStoreUnderTest: StoreUnderTest {
    nonisolated let store: any LedgerStore
    private let folder: Folder
    private let path: String
    private var last: any LedgerStore

    init() async throws {
        folder = try Folder()
        path = folder.path("ledger.sqlite")
        store = SQLiteLedger(path: path)
        last = store
        try await store.open()
    }

    func another() async throws -> any LedgerStore {
        await last.close()
        last = SQLiteLedger(path: path)
        try await last.open()
        return last
    }

    nonisolated func bytes() throws -> Data? {
        try folder.names.map { try Data(contentsOf: URL(filePath: folder.path($0))) }.reduce(Data(), +)
    }

    func end() async { await last.close() }
}
