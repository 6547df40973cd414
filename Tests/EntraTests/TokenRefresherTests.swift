import HTTPTypes
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("TokenRefresher", .timeLimit(.minutes(5)))
struct TokenRefresherTests {
    @Test("it fetches at start, sleeps until 80 % of life and renews with nobody asking")
    func warm() async throws {
        let bench = Bench { _, _ in .granted() }
        let task = Task { try await TokenRefresher(cache: bench.cache).run() }
        await eventually { bench.clock.sleeps.contains(.seconds(2880)) }
        #expect(bench.cache.health.hasUsableToken)

        bench.clock.advance(by: .seconds(2880))
        await eventually { bench.clock.sleeps.filter { $0 == .seconds(2880) }.count == 2 }
        #expect(bench.transport.requests.count == 2)
        #expect(bench.cache.health.age == .zero)
        task.cancel()
        try await task.value
    }

    @Test("it goes on at the cache's pace while Entra fails, and is there when Entra is back")
    func outage() async throws {
        let isUp = Switch()
        let bench = Bench { _, _ in isUp.isOn ? .granted() : .text(.init(code: 503), "") }
        let task = Task { await bench.cache.keepFresh() }
        for expected in 1...8 {
            // Not for a sleeper: the limit of a fetch under way is one, too.
            await eventually { bench.transport.requests.count == expected && !bench.cache.health.isFetching }
            #expect(bench.cache.health.lastError?.reason == .serverError)
            if expected == 8 { isUp.isOn = true }
            bench.clock.advance(by: .seconds(66))
        }
        await eventually { bench.cache.health.hasUsableToken }
        #expect(bench.transport.requests.count == 9)
        task.cancel()
        await task.value
    }

    @Test("a dropped token is replaced at once, with nobody asking")
    func dropped() async throws {
        let bench = Bench { _, _ in .granted() }
        let task = Task { await bench.cache.keepFresh() }
        await bench.clock.waitForSleepers(1)
        await bench.cache.invalidate(try await bench.token(), challenge: nil)
        await eventually { bench.transport.requests.count == 2 && bench.cache.health.hasUsableToken }
        task.cancel()
        await task.value
    }

    @Test("callers beside it share its fetch")
    func shared() async throws {
        let gate = Tally()
        let bench = Bench { _, _ in
            await gate.wait()
            return .granted()
        }
        let refresher = Task { await bench.cache.keepFresh() }
        await eventually { bench.transport.requests.count == 1 }
        let caller = Task { try await bench.token().serial }
        await bench.clock.waitForSleepers(1)
        gate.add()
        #expect(try await caller.value == 1)
        #expect(bench.transport.requests.count == 1)
        refresher.cancel()
        await refresher.value
    }

    @Test("graceful shutdown ends it, while it sleeps as well as while it fetches", arguments: [true, false])
    func shutdown(whileFetching: Bool) async throws {
        let gate = Tally()
        if !whileFetching { gate.add() }
        let bench = Bench { _, _ in
            await gate.wait()
            return .granted()
        }
        let group = ServiceGroup(
            services: [TokenRefresher(cache: bench.cache)],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let task = Task { try await group.run() }
        if whileFetching {
            await eventually { bench.transport.requests.count == 1 }
        } else {
            await bench.clock.waitForSleepers(1)
        }
        await group.triggerGracefulShutdown()
        try await task.value
        gate.add()
        #expect(try await bench.token().serial == 1)
    }
}
