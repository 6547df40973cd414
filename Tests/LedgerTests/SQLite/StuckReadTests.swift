import GRDB
import Ledger
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: when it cannot read", .timeLimit(.minutes(5)))
struct StuckReadTests {
    private static let silence = LedgerFault(.unavailable, "the disk does not answer")

    /// The ways to read of a file.
    enum Way: CaseIterable, Sendable {
        case lookUp
        case read

        func run(_ query: @escaping @Sendable (Database) throws -> Void, on file: LedgerFile) async throws {
            switch self {
            case .lookUp: try await file.lookUp(query)
            case .read: try await file.read(query)
            }
        }
    }

    private func open(_ place: LedgerFolder, stuckAfter: Duration = .seconds(2)) async throws -> SQLiteLedger {
        var place = place
        place.limits.stuckAfter = stuckAfter
        return try await place.open()
    }

    @Test(
        "a read on a disk that hangs fails in bounded time, and so does what waits behind it",
        arguments: Way.allCases
    )
    func stuck(_ way: Way) async throws {
        let place = try LedgerFolder()
        let ledger = try await open(place)
        let file = try ledger.file
        let stall = Stall()
        async let first = fault(of: { try await way.run({ _ in stall.body() }, on: file) })
        await stall.begun()
        #expect(await fault(of: { try await way.run({ _ in }, on: file) }) == Self.silence)
        #expect(await first == Self.silence)
        // However long it lasts.
        #expect(await fault(of: { try await way.run({ _ in }, on: file) }) == Self.silence)
        // What is written does not wait for what is read.
        #expect(try await comes { await fault(of: { try await ledger.probe() }) == nil })
        stall.end()
        #expect(try await comes { await fault(of: { try await way.run({ _ in }, on: file) }) == nil })
        await ledger.close()
    }

    @Test("a key whose look-up was given up on can be claimed when the disk answers again")
    func claim() async throws {
        let place = try LedgerFolder()
        let ledger = try await open(place)
        let file = try ledger.file
        let request = Request(key: "a", of: ledger)
        let stall = Stall()
        async let first = fault(of: { try await file.lookUp { _ in stall.body() } })
        await stall.begun()
        #expect(await fault(of: { _ = try await ledger.claim(request.claim) }) == Self.silence)
        #expect(await first == Self.silence)
        stall.end()
        #expect(try await comes { (try? await ledger.isClaimed(request.claim)) == true })
        await ledger.close()
    }

    @Test("a read that hangs does not keep the ledger from being closed", arguments: Way.allCases)
    func close(_ way: Way) async throws {
        let place = try LedgerFolder()
        let ledger = try await open(place)
        let file = try ledger.file
        let stall = Stall()
        async let first = fault(of: { try await way.run({ _ in stall.body() }, on: file) })
        await stall.begun()
        await ledger.close()
        #expect(await first == Self.silence)
        stall.end()
    }

    @Test("closing ends what is read, and takes nothing any more", arguments: Way.allCases)
    func closing(_ way: Way) async throws {
        let place = try LedgerFolder()
        let ledger = try await open(place, stuckAfter: .seconds(60))
        let file = try ledger.file
        let stall = Stall()
        async let first = fault(of: { try await way.run({ _ in stall.body() }, on: file) })
        await stall.begun()
        async let closing: Void = ledger.close()
        let refusal = LedgerFault(.unavailable, "the ledger is closed")
        #expect(try await comes { await fault(of: { _ = try await file.writes.run(.probe) }) == refusal })
        stall.end()
        #expect(await first == nil)
        await closing
        #expect(await fault(of: { try await way.run({ _ in }, on: file) }) == refusal)
        // It was let go of.
        #expect(await place.openingFault() == nil)
    }
}
