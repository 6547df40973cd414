import Foundation
import Ledger
import TestSupport

@testable import PostgreSQLLedger

/// A database of its own on the shared server.
actor PostgreSQLStoreUnderTest: StoreUnderTest {
    nonisolated let store: any LedgerStore
    private let url: String
    private var stores: [PostgreSQLLedger]

    init() async throws {
        let server = try await PostgreSQLServer.shared()
        url = server.url(try await server.database())
        let first = PostgreSQLLedger(patient: url)
        (store, stores) = (first, [first])
        try await first.open()
    }

    func another() async throws -> any LedgerStore {
        let store = PostgreSQLLedger(patient: url)
        stores.append(store)
        try await store.open()
        return store
    }

    nonisolated func bytes() throws -> Data? { nil }

    func end() async { for store in stores { await store.close() } }
}
