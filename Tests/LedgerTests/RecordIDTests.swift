import Testing
import Transport

@testable import Ledger

@Suite("Record ids")
struct RecordIDTests {
    @Test("they come in the order in which they were made, and carry their time")
    func order() throws {
        let time = Timestamp.now
        let ids = (0..<10_000).map { _ in RecordID.fresh(at: time) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0 > .least(at: time) && $0 < .least(at: time + .seconds(60)) })
        let text = ids[0].description
        #expect(text.count == 36 && Array(text)[14] == "7" && "89ab".contains(Array(text)[19]))
        #expect(RecordID(text) == ids[0])
        #expect(RecordID(bytes: ids[0].bytes) == ids[0])
    }
}
