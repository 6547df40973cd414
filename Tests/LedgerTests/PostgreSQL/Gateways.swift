import Ledger
import Settings
import TestSupport

@testable import PostgreSQLLedger

extension Limits {
    /// For what is not about limits: on a busy machine everything takes its time.
    static let patient: Limits = {
        var limits = Limits()
        (limits.connect, limits.statement, limits.waiting) = (.seconds(30), .seconds(30), .seconds(60))
        limits.tolerance = .seconds(30)
        return limits
    }()
}

extension PostgreSQLLedger {
    convenience init(patient url: String, connections: Int = defaultConnections) {
        self.init(url: Secret(url), connections: connections, limits: .patient)
    }
}

/// Stores as several gateways open them on one database of the shared server.
enum Gateways {
    static func with(
        _ count: Int,
        _ body: ([PostgreSQLLedger], _ database: String, PostgreSQLServer) async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        let stores = (0..<count).map { _ in PostgreSQLLedger(patient: server.url(database)) }
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
