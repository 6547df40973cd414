import KeyRing
import TestSupport
import Testing
import Transport

@testable import Activity

@Suite("How keys were used", .timeLimit(.minutes(5)))
struct KeyUseTests {
    private let kept = Kept()
    private let key = KeyID.sample(7)

    private func ask(_ key: KeyID?, status: Int = 200) {
        kept.history.add(.sample(status: status, caller: "portal", keyID: key))
    }

    private var use: RequestHistory.KeyUse? { kept.reading().keys[key] }

    @Test("each key has its own requests, and the refusals among them")
    func counts() {
        for status in [200, 201, 204, 400, 401, 403, 404, 429, 500, 503] { ask(key, status: status) }
        ask(.sample(8))
        #expect(use == .init(lastUsed: Kept.start, requests: 10, refusals: 3))
        #expect(kept.reading().keys[.sample(8)] == .init(lastUsed: Kept.start, requests: 1, refusals: 0))
        #expect(kept.reading().keys.count == 2 && kept.reading().single == .init())
    }

    @Test("the one key without an id has its own place")
    func single() {
        ask(nil)
        kept.clock.advance(by: .seconds(90))
        ask(nil, status: 429)
        let reading = kept.reading()
        #expect(reading.single == .init(lastUsed: Kept.start + .seconds(90), requests: 2, refusals: 1))
        #expect(reading.keys.isEmpty)
    }

    @Test("a request of nobody that is known is no key's")
    func nobody() {
        kept.history.add(.sample(status: 401))
        #expect(kept.reading().keys.isEmpty && kept.reading().single == .init())
    }

    @Test("what is an hour old counts no more, slice by slice, and when it was is kept")
    func hourEnds() {
        ask(key)
        kept.clock.advance(by: .seconds(60 * 30))
        ask(key, status: 403)
        let last = Kept.start + .seconds(60 * 30)
        kept.clock.advance(by: .seconds(60 * 29 + 59))
        #expect(use == .init(lastUsed: last, requests: 2, refusals: 1))
        kept.clock.advance(by: .seconds(1))
        #expect(use == .init(lastUsed: last, requests: 1, refusals: 1))
        kept.clock.advance(by: .seconds(60 * 30))
        #expect(use == .init(lastUsed: last, requests: 0, refusals: 0))
        kept.clock.advance(by: .seconds(86_400 * 30))
        #expect(use == .init(lastUsed: last, requests: 0, refusals: 0))
        ask(key)
        #expect(use == .init(lastUsed: kept.now, requests: 1, refusals: 0))
    }

    @Test("a key in use for hours has the last hour's, neither more nor less")
    func steady() {
        for _ in 0..<600 {
            ask(key)
            kept.clock.advance(by: .seconds(30))
        }
        // The present slice has just begun.
        #expect(use?.requests == 110)
    }

    @Test("a request that is added late moves nothing back")
    func late() {
        let before = kept.clock.now
        kept.clock.advance(by: .seconds(60 * 10))
        ask(key)
        kept.history.add(.sample(caller: "portal", keyID: key), at: before)
        #expect(use == .init(lastUsed: kept.now, requests: 2, refusals: 0))
        kept.clock.advance(by: .seconds(60 * 55))
        ask(key)
        kept.history.add(.sample(caller: "portal", keyID: key), at: before)
        #expect(use == .init(lastUsed: kept.now, requests: 2, refusals: 0))
    }

    @Test("keys beyond the bound are not told apart, and those within it go on")
    func bound() {
        for number in 0..<KeyUses.mostKeys + 10 { ask(.sample(number)) }
        ask(.sample(0))
        ask(.sample(KeyUses.mostKeys - 1))
        let keys = kept.reading().keys
        #expect(keys.count == KeyUses.mostKeys && keys[.sample(KeyUses.mostKeys)] == nil)
        #expect(keys[.sample(0)]?.requests == 2 && keys[.sample(KeyUses.mostKeys - 1)]?.requests == 2)
        #expect(keys.values.reduce(0) { $0 + $1.requests } == KeyUses.mostKeys + 2)
    }
}
