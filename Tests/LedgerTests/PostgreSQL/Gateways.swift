import Ledger
import Settings
import TestSupport

@testable import PostgreSQLLedger

/// Stores as several gateways open them on one database of the shared server.
enum Gateways {
    static func with(
        _ count: Int,
        _ body: ([PostgreSQLLedger], _ database: String, PostgreSQLServer) async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        let stores = (0..<count).map { _ in PostgreSQLLedger(url: Secret(server.url(database))) }
        do {
            for store in stores { try await store.open() }
            try await body(stores, database, server)
        } catch {
            for store in stores { await store.close() }
            throw error
        }
        for store in stores { await store.close() }
    }

    static func with(_ count: Int, _ body: ([PostgreSQLLedger]) async throws -> Void) async throws {
        try await with(count) { stores, _, _ in try await body(stores) }
    }
}

/// The fault that `body` ends with; `nil` for none.
func fault(_ body: () async throws(LedgerFault) -> Void) async -> LedgerFault? {
    do throws(LedgerFault) {
        try await body()
        return nil
    } catch {
        return error
    }
}
