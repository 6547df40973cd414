import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("TokenCache, over a token's life", .timeLimit(.minutes(5)))
struct TokenRenewalTests {
    @Test("renewal begins at 80 % of life, in the background, once")
    func renewal() async throws {
        let gate = Tally()
        let bench = Bench { (_, index) async -> UpstreamResponse in
            if index == 1 { await gate.wait() }
            return .granted()
        }
        _ = try await bench.token()
        bench.clock.advance(by: .seconds(2879))
        _ = try await bench.token()
        #expect(!bench.cache.health.isFetching)

        bench.clock.advance(by: .seconds(1))
        for _ in 0..<50 { #expect(try await bench.token().serial == 1) }
        #expect(bench.cache.health.isFetching)
        gate.add()
        await bench.settle()
        #expect(try await bench.token().serial == 2)
        #expect(bench.transport.requests.count == 2)
    }

    @Test("renewal is spread around 80 % of life", arguments: [(0.0, 2700), (0.5, 2880), (0.999_999, 3059)])
    func spread(random: Double, seconds: Int64) async throws {
        let bench = Bench(random: { random }, answer: { _, _ in .granted() })
        _ = try await bench.token()
        #expect(bench.cache.health.renewsIn?.components.seconds == seconds)
    }

    @Test("while Entra fails the present token serves to its end, then the error is Entra's, then all is well again")
    func outage() async throws {
        let isDown = Switch()
        let bench = Bench { _, _ in isDown.isOn ? .text(.init(code: 503), "down") : .granted() }
        let start = bench.clock.now
        _ = try await bench.token()
        bench.clock.advance(by: .seconds(2870))
        isDown.isOn = true
        while bench.clock.now - start < .seconds(3595) {
            #expect(try await bench.token().serial == 1)
            await bench.settle()
            bench.clock.advance(by: .seconds(5))
        }
        for _ in 0..<10 {
            let error = try #require(await bench.failure())
            #expect(error.kind == .unavailable && error.reason == .serverError)
            #expect(try #require(error.retryAfter) > .zero)
            bench.clock.advance(by: .seconds(5))
        }
        #expect((10...50).contains(bench.transport.requests.count))

        isDown.isOn = false
        bench.clock.advance(by: .seconds(66))
        #expect(try await bench.token().serial == 2)
        #expect(bench.cache.health.lastError == nil)
    }

    @Test("passing failures back off: the gaps between requests grow to about half a minute")
    func backoff() async throws {
        let bench = Bench { _, _ in .text(.init(code: 500), "") }
        let start = bench.clock.now
        while bench.clock.now - start < .seconds(600) {
            #expect(await bench.failure()?.reason == .serverError)
            bench.clock.advance(by: .milliseconds(250))
        }
        let times = bench.times()
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect((20...40).contains(times.count))
        #expect(gaps.first.map { $0 <= .seconds(2) } == true)
        #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $1 >= $0 - .milliseconds(250) })
        #expect(gaps.allSatisfy { $0 <= .seconds(34) })
    }

    @Test("Retry-After is obeyed, also when it is longer than any pause of ours")
    func retryAfter() async throws {
        let bench = Bench { _, _ in .text(.tooManyRequests, "Too Many Requests", fields: [.retryAfter: "200"]) }
        #expect(await bench.failure()?.reason == .throttled)
        bench.clock.advance(by: .seconds(199))
        let error = try #require(await bench.failure())
        #expect(error.reason == .throttled)
        #expect(try #require(error.retryAfter) >= .seconds(1))
        #expect(bench.transport.requests.count == 1)
        bench.clock.advance(by: .seconds(25))
        _ = await bench.failure()
        #expect(bench.transport.requests.count == 2)
    }

    @Test("a refused credential is answered from memory for a minute, then tried again, and no refusal is final")
    func refused() async throws {
        let isMended = Switch()
        let bench = Bench { _, _ in
            isMended.isOn ? .granted() : .fault(.unauthorized, "invalid_client", code: 7_000_222)
        }
        let first = try #require(await bench.failure())
        #expect(first.kind == .refused && first.reason == .secretExpired)
        for elapsed in 1...59 {
            bench.clock.advance(by: .seconds(1))
            let error = try #require(await bench.failure())
            #expect(error.kind == .refused && error.reason == .secretExpired && error.aadsts == 7_000_222)
            #expect(try #require(error.retryAfter) <= .seconds(67 - elapsed))
        }
        #expect(bench.transport.requests.count == 1)

        bench.clock.advance(by: .seconds(8))
        #expect(await bench.failure()?.reason == .secretExpired)
        #expect(bench.transport.requests.count == 2)

        isMended.isOn = true
        bench.clock.advance(by: .seconds(133))
        #expect(try await bench.token().serial == 1)
        #expect(bench.cache.health.lastError == nil)
    }

    @Test("a refusal while the present token lives takes nothing from callers")
    func refusedRenewal() async throws {
        let bench = Bench { (_, index) async -> UpstreamResponse in
            index == 0 ? .granted() : .fault(.unauthorized, "invalid_client", code: 7_000_222)
        }
        _ = try await bench.token()
        bench.clock.advance(by: .seconds(2880))
        _ = try await bench.token()
        await eventually { bench.cache.health.lastError?.reason == .secretExpired }
        #expect(try await bench.token().serial == 1)
        #expect(bench.cache.health.hasUsableToken)
    }

    @Test("short-lived tokens work, and cost about one request a life", arguments: [1, 10])
    func shortLived(life: Int) async throws {
        let bench = Bench { _, _ in .granted(expiresIn: life) }
        for _ in 0..<200 {
            let token = try await bench.token()
            #expect(bench.clock.now < token.expiresAt)
            await bench.settle()
            bench.clock.advance(by: .seconds(life) / 20)
        }
        #expect((10...16).contains(bench.transport.requests.count))
    }

    @Test("a token that has ended when it arrives is a passing failure, not a loop")
    func endedOnArrival() async throws {
        let clock = Box<ManualClock>()
        let bench = Bench { _, _ in
            clock.value?.advance(by: .seconds(2))
            return .granted(expiresIn: 1)
        }
        clock.value = bench.clock
        for _ in 0..<20 {
            let error = try #require(await bench.failure())
            #expect(error.kind == .unavailable && error.reason == .timedOut)
        }
        #expect(bench.transport.requests.count == 1)
    }

    @Test("Entra's refresh_in is obeyed where it comes before 80 % of life", arguments: [(0.0, 1000), (0.5, 1090)])
    func refreshIn(random: Double, seconds: Int64) async throws {
        let bench = Bench(random: { random }, answer: { _, _ in .granted(refreshIn: "1000") })
        _ = try await bench.token()
        #expect(bench.cache.health.renewsIn?.components.seconds == seconds)
    }

    @Test(
        "a refresh_in that makes no sense, or lies further away, changes nothing",
        arguments: ["0", "-5", "3600", "3500", "99999999999999999999", "\"soon\"", "null", "{}"]
    )
    func oddRefreshIn(value: String) async throws {
        let bench = Bench { _, _ in .granted(refreshIn: value) }
        _ = try await bench.token()
        #expect(bench.cache.health.renewsIn?.components.seconds == 2880)
    }

    @Test("refresh_in as a numeric string is one, too")
    func refreshInText() async throws {
        let bench = Bench { _, _ in .granted(refreshIn: "\"1000\"") }
        _ = try await bench.token()
        #expect(bench.cache.health.renewsIn?.components.seconds == 1090)
    }

    @Test("a credential that stays refused is tried again after 1, 2 and then every 4 minutes")
    func refusedForLong() async throws {
        let bench = Bench { _, _ in .fault(.unauthorized, "invalid_client", code: 7_000_215) }
        let start = bench.clock.now
        while bench.clock.now - start < .seconds(1800) {
            #expect(await bench.failure()?.reason == .secretWrong)
            bench.clock.advance(by: .seconds(1))
        }
        let times = bench.times()
        let gaps = zip(times, times.dropFirst()).map { ($1 - $0).components.seconds }
        #expect(gaps.prefix(2).map { $0 / 60 } == [1, 2])
        #expect(gaps.dropFirst(2).allSatisfy { (240...265).contains($0) })
        #expect(gaps.count >= 7)
    }

    @Test("Entra down for ten minutes from five before the end: all are served to the end, then told when, then served")
    func tenMinutes() async throws {
        let isDown = Switch()
        let bench = Bench { _, _ in isDown.isOn ? .text(.init(code: 503), "down") : .granted() }
        let keeper = Task { await bench.cache.keepFresh() }
        defer { keeper.cancel() }
        _ = try await bench.token()
        let start = bench.clock.now
        // A renewal that was due at 80 % failed, too: the outage begins before it, and ends ten minutes after expiry minus five.
        bench.clock.advance(by: .seconds(2870))
        isDown.isOn = true
        bench.clock.advance(by: .seconds(430))
        while bench.clock.now - start < .seconds(3595) {
            for _ in 0..<20 { #expect(try await bench.token().serial == 1) }
            bench.clock.advance(by: .seconds(5))
            await bench.settle()
        }
        bench.clock.advance(by: .seconds(1))
        while bench.clock.now - start < .seconds(3900) {
            let error = try #require(await bench.failure())
            #expect(error.kind == .unavailable && error.reason == .serverError)
            #expect(try #require(error.retryAfter) > .zero && error.retryAfter! < .seconds(40))
            bench.clock.advance(by: .seconds(5))
            await bench.settle()
        }
        // No more is under way that would still find it down: the cache sleeps until its next try.
        await bench.clock.waitForSleepers()
        await bench.settle()
        isDown.isOn = false
        // Nobody asks: the cache does by itself, inside the longest pause.
        bench.clock.advance(by: .seconds(34))
        await eventually { bench.cache.health.hasUsableToken }
        #expect(try await bench.token().serial == 2)
    }
}
