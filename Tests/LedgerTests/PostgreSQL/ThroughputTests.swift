import Foundation
import Graph
import Ledger
import Settings
import TestSupport
import Testing
import Transport

@testable import PostgreSQLLedger

/// A measurement: `LEDGER_RATE=/dev/shm` in the environment, or another folder for the server's data.
@Suite("PostgreSQL: how many creations a second", .timeLimit(.minutes(3)), .serialized)
struct ThroughputTests {
    private static let folder = ProcessInfo.processInfo.environment["LEDGER_RATE"]

    @Test("a thousand creations a second of 128 callers", .enabled(if: folder != nil))
    func creations() async throws {
        let server = try await PostgreSQLServer(in: Self.folder ?? "/tmp")
        let store = PostgreSQLLedger(url: Secret(server.url(try await server.database())))
        try await store.open()
        let profiles = (0..<500).map { _ in freshProfile() }
        let (callers, each) = (128, 60)
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    for index in 0..<each {
                        try await Self.create(on: profiles[(caller * each + index) % profiles.count], store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let time = (ContinuousClock.now - begin).seconds
        print("creations:", Int(Double(callers * each) / time), "a second")
        await store.close()
    }

    private static func create(on profile: ProfileReference, _ store: PostgreSQLLedger) async throws {
        let isTaken = try await comes {
            if case .taken = try await store.takeTurn(of: profile, work: .seconds(60)) { true } else { false }
        }
        #expect(isTaken)
        let request = Request(profile: profile, of: store)
        try await store.begin(request)
        try await store.settle(request, as: .created, key: .released)
        await store.endTurn(of: profile)
    }
}
