import Testing

@testable import CurlTransport

@Suite("NameCache")
struct NameCacheTests {
    typealias Cache = NameCache<String>
    let start = ContinuousClock.now
    let one = [HostAddress("192.0.2.1")!]
    let two = [HostAddress("192.0.2.2")!, HostAddress("2001:db8::2")!]

    func cache(maximumLookups: Int = 2, maximumWaiters: Int = 8, maximumHosts: Int = 64) -> Cache {
        Cache(
            limits: Cache.Limits(
                freshFor: .seconds(60),
                staleFor: .seconds(600),
                maximumLookups: maximumLookups,
                maximumWaiters: maximumWaiters,
                maximumHosts: maximumHosts
            )
        )
    }

    /// Asks at `time` after the start, to wait for five seconds at most.
    func ask(
        _ host: String,
        of cache: inout Cache,
        port: Int = 443,
        as id: UInt64 = 1,
        at time: Duration = .zero
    ) -> (answer: Cache.Answer, startsLookup: Bool) {
        let now = start + time
        return cache.ask(host, port: port, waiter: "w\(id)", as: id, until: now + .seconds(5), now: now)
    }

    /// A cache that has learned `addresses` of host a at the start, and given them.
    func knowing(_ addresses: [HostAddress]) -> Cache {
        var cache = cache()
        _ = ask("a", of: &cache)
        _ = cache.learn(addresses, of: "a", now: start)
        cache.noteGiven(addresses, host: "a", port: 443)
        return cache
    }

    @Test("the first who asks starts a lookup, the next ones wait for the same, and all are handed back in order")
    func shared() {
        var cache = cache()
        for id in UInt64(1)...3 {
            let (answer, startsLookup) = ask("a", of: &cache, as: id)
            #expect(answer == .wait)
            #expect(startsLookup == (id == 1))
        }
        #expect(cache.lookupCount == 1)
        let handedBack = cache.learn(one, of: "a", now: start)
        #expect(handedBack.map(\.id) == [1, 2, 3])
        #expect(handedBack.map(\.waiter) == ["w1", "w2", "w3"])
        #expect(cache.waitingCount == 0)
        #expect(cache.lookupCount == 0)
    }

    @Test("addresses are given once for each port, and again when they have changed")
    func given() {
        var cache = cache()
        _ = ask("a", of: &cache)
        _ = cache.learn(one, of: "a", now: start)
        #expect(ask("a", of: &cache).answer == .known(give: one))
        cache.noteGiven(one, host: "a", port: 443)
        #expect(ask("a", of: &cache).answer == .known(give: nil))
        #expect(ask("a", of: &cache, port: 444).answer == .known(give: one))
        cache.noteGiven(one, host: "a", port: 444)

        #expect(ask("a", of: &cache, at: .seconds(60)).startsLookup)
        _ = cache.learn(one, of: "a", now: start + .seconds(61))
        #expect(ask("a", of: &cache, at: .seconds(62)).answer == .known(give: nil))
        #expect(ask("a", of: &cache, at: .seconds(121)).startsLookup)
        _ = cache.learn(two, of: "a", now: start + .seconds(122))
        // Given too late: they are the old ones.
        cache.noteGiven(one, host: "a", port: 443)
        for port in [443, 444] {
            #expect(ask("a", of: &cache, port: port, at: .seconds(123)).answer == .known(give: two))
        }
    }

    @Test("fresh addresses are used without a lookup; then one is started, and nobody waits for it")
    func refreshed() {
        var cache = knowing(one)
        let fresh = ask("a", of: &cache, at: .seconds(59))
        #expect(fresh == (.known(give: nil), false))
        let stale = ask("a", of: &cache, at: .seconds(60))
        #expect(stale == (.known(give: nil), true))
        let next = ask("a", of: &cache, at: .seconds(61))
        #expect(next == (.known(give: nil), false))
    }

    @Test("while looking up fails, old addresses are used for their time and asked about with pauses")
    func staleWhileFailing() {
        var cache = knowing(one)
        var time = Duration.seconds(60)
        var lookups = 0
        while time < .seconds(660) {
            let (answer, startsLookup) = ask("a", of: &cache, at: time)
            #expect(answer == .known(give: nil))
            if startsLookup {
                lookups += 1
                _ = cache.learn(nil, of: "a", now: start + time)
            }
            time += .milliseconds(250)
        }
        #expect(lookups == 600)
        let tooOld = ask("a", of: &cache, at: .seconds(660))
        #expect(tooOld == (.wait, true))
        #expect(cache.learn(nil, of: "a", now: start + .seconds(661)).count == 1)
        let unknown = ask("a", of: &cache, at: .seconds(662))
        #expect(unknown == (.wait, true))
    }

    @Test("a lookup that hangs is joined when the old addresses are too old")
    func staleWhileHanging() {
        var cache = knowing(one)
        #expect(ask("a", of: &cache, at: .seconds(60)).startsLookup)
        let joined = ask("a", of: &cache, as: 7, at: .seconds(700))
        #expect(joined == (.wait, false))
        #expect(cache.lookupCount == 1)
        #expect(cache.learn(one, of: "a", now: start + .seconds(701)).map(\.id) == [7])
        // What was given before was forgotten with the addresses.
        #expect(ask("a", of: &cache, at: .seconds(702)).answer == .known(give: one))
    }

    @Test("a failure is not remembered")
    func failure() {
        var cache = cache()
        for addresses in [nil, [HostAddress]()] {
            #expect(ask("a", of: &cache) == (.wait, true))
            #expect(cache.learn(addresses, of: "a", now: start).count == 1)
        }
        #expect(ask("a", of: &cache) == (.wait, true))
    }

    @Test("no more lookups than allowed: a new name is refused, a known one keeps its addresses")
    func lookupsBounded() {
        var cache = knowing(one)
        _ = ask("b", of: &cache)
        _ = ask("c", of: &cache, as: 2)
        #expect(ask("d", of: &cache, as: 3) == (.refused(.tooManyLookups), false))
        #expect(ask("a", of: &cache, as: 4, at: .seconds(60)) == (.known(give: nil), false))
        #expect(ask("a", of: &cache, as: 4, at: .seconds(700)) == (.refused(.tooManyLookups), false))
        _ = cache.learn(one, of: "b", now: start)
        #expect(ask("d", of: &cache, as: 3) == (.wait, true))
    }

    @Test("no more waiters than allowed")
    func waitersBounded() {
        var cache = cache(maximumWaiters: 2)
        for id in UInt64(1)...2 { #expect(ask("a", of: &cache, as: id).answer == .wait) }
        #expect(ask("a", of: &cache, as: 3) == (.refused(.tooManyWaiters), false))
        #expect(ask("b", of: &cache, as: 4) == (.refused(.tooManyWaiters), false))
        #expect(cache.lookupCount == 1)
    }

    @Test("who has waited for long enough is handed back, once, and the lookup goes on")
    func overdue() {
        var cache = cache()
        _ = ask("a", of: &cache, as: 1)
        _ = ask("a", of: &cache, as: 2, at: .seconds(1))
        #expect(cache.nextEnd == start + .seconds(5))
        #expect(cache.overdue(now: start + .seconds(4)).isEmpty)
        #expect(cache.overdue(now: start + .seconds(5)).map(\.id) == [1])
        #expect(cache.nextEnd == start + .seconds(6))
        #expect(cache.learn(one, of: "a", now: start + .seconds(5)).map(\.id) == [2])
        #expect(cache.overdue(now: start + .seconds(60)).isEmpty)
        #expect(cache.nextEnd == nil)
    }

    @Test("a waiter that is cancelled is handed back once")
    func cancel() {
        var cache = cache()
        _ = ask("a", of: &cache, as: 1)
        #expect(cache.cancel(1) == "w1")
        #expect(cache.cancel(1) == nil)
        #expect(cache.learn(one, of: "a", now: start).isEmpty)
    }

    @Test("what nobody looked up is not learned")
    func unasked() {
        var cache = cache()
        #expect(cache.learn(one, of: "a", now: start).isEmpty)
        #expect(ask("a", of: &cache) == (.wait, true))
    }

    @Test(
        "addresses and localhost are not looked up",
        arguments: ["192.0.2.1", "[2001:db8::1]", "localhost", "a.localhost"]
    )
    func literal(host: String) {
        var cache = cache()
        for _ in 0..<2 { #expect(ask(host, of: &cache) == (.literal, false)) }
        #expect(cache.lookupCount == 0)
    }

    @Test("no more hosts are remembered than allowed, those that somebody waits for excepted")
    func hostsBounded() {
        var cache = cache(maximumHosts: 2)
        _ = ask("a", of: &cache, as: 1)
        _ = cache.learn(one, of: "a", now: start)
        _ = ask("b", of: &cache, as: 2)
        _ = ask("192.0.2.9", of: &cache, as: 3)
        #expect(ask("a", of: &cache, as: 4) == (.wait, true))
        #expect(cache.learn(one, of: "b", now: start).map(\.id) == [2])
    }
}
