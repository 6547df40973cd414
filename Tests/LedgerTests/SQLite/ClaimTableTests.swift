import Ledger
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: claims in memory")
struct ClaimTableTests {
    private let table = ClaimTable()

    private func claim(_ key: String = "a", work: Duration = .seconds(600)) -> KeyClaim {
        KeyClaim(
            caller: "portal",
            digest: Digest(of: key),
            fingerprint: Digest(of: "a token"),
            record: .fresh(),
            work: work,
            lifetime: .seconds(600)
        )
    }

    /// Claims a key that the file does not have; whether it was got.
    private func take(_ claim: KeyClaim) -> Bool {
        guard case .lookUp(let look) = table.begin(claim) else { return false }
        guard case .claimed = table.end(look, for: claim) else { return false }
        return true
    }

    @Test("who looked into the file before something was written under the key has to look again")
    func lookAgain() throws {
        let (first, second) = (claim(), claim())
        guard case .lookUp(let early) = table.begin(second) else {
            Issue.record("Nobody has claimed it")
            return
        }
        #expect(take(first))
        _ = try table.holdForWriting(KeyName(of: first), record: first.record)
        table.endWriting(KeyName(of: first), record: first.record, isWritten: true)
        // What it saw in the file may have been before the write.
        guard case .lookUp(let late) = table.end(early, for: second) else {
            Issue.record("The key was taken for free")
            return
        }
        guard case .claimed = table.end(late, for: second) else {
            Issue.record("Nothing was written after the second look")
            return
        }
    }

    @Test("who looked into the file while another claimed the key does not get it")
    func lookedMeanwhile() {
        let (first, second) = (claim(), claim())
        guard case .lookUp(let look) = table.begin(second) else {
            Issue.record("Nobody has claimed it")
            return
        }
        #expect(take(first))
        guard case .taken(first.fingerprint, record: nil) = table.end(look, for: second) else {
            Issue.record("Both have the key")
            return
        }
    }

    @Test("while it is written a claim does not end by itself, and cannot be given back")
    func writing() throws {
        let first = claim(work: .zero)
        let name = KeyName(of: first)
        #expect(take(first))
        #expect(try table.holdForWriting(name, record: first.record) != nil)
        table.release(first)
        table.dropEnded()
        guard case .taken(_, record: first.record) = table.begin(claim()) else {
            Issue.record("The key was free")
            return
        }
        // It was not written, so that the claim is as it was: over.
        table.endWriting(name, record: first.record, isWritten: false)
        #expect(take(claim()))
    }

    @Test("what could not be written keeps its claim until that ends")
    func notWritten() throws {
        let first = claim()
        #expect(take(first))
        _ = try table.holdForWriting(KeyName(of: first), record: first.record)
        table.endWriting(KeyName(of: first), record: first.record, isWritten: false)
        #expect(!take(claim()))
        table.release(first)
        #expect(take(claim()))
    }

    @Test("nobody writes under a key that is another's")
    func others() {
        let first = claim()
        #expect(take(first))
        #expect(throws: LedgerFault.keyIsTaken) {
            _ = try table.holdForWriting(KeyName(of: first), record: .fresh())
        }
    }

    @Test("claims that ended leave no trace")
    func dropped() {
        for index in 0..<100 { #expect(take(claim("\(index)", work: .zero))) }
        #expect(take(claim("holds")))
        table.dropEnded()
        #expect(table.count == 1)
    }
}
