import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("TokenCache", .timeLimit(.minutes(5)))
struct TokenCacheTests {
    @Test("200 parallel first callers make one request and get one token")
    func firstCallers() async throws {
        let gate = Tally()
        let bench = Bench { _, _ in
            await gate.wait()
            return .granted()
        }
        let serials = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<200 { group.addTask { try await bench.token().serial } }
            await bench.clock.waitForSleepers(201)
            gate.add()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(serials == Array(repeating: 1, count: 200))
        #expect(bench.transport.requests.count == 1)
    }

    @Test("500 callers at the second of expiry make one request, and none fails")
    func callersAtExpiry() async throws {
        let gate = Tally()
        let bench = Bench { (_, index) async -> UpstreamResponse in
            if index > 0 { await gate.wait() }
            return .granted()
        }
        _ = try await bench.token()
        bench.clock.advance(by: .seconds(3600))
        let serials = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<500 { group.addTask { try await bench.token().serial } }
            await bench.clock.waitForSleepers(501)
            gate.add()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(serials == Array(repeating: 2, count: 500))
        #expect(bench.transport.requests.count == 2)
    }

    @Test("when the one fetch fails, all who wait for it get its error and none asks again")
    func sharedFailure() async throws {
        let gate = Tally()
        let bench = Bench { _, _ in
            await gate.wait()
            return .fault(.unauthorized, "invalid_client", code: 7_000_215)
        }
        let reasons = await withTaskGroup(of: EntraError.Reason?.self) { group in
            for _ in 0..<100 { group.addTask { await bench.failure()?.reason } }
            await bench.clock.waitForSleepers(101)
            gate.add()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reasons == Array(repeating: .secretWrong, count: 100))
        #expect(bench.transport.requests.count == 1)
    }

    @Test("a waiter's deadline ends its own wait, neither the fetch nor another's wait")
    func ownDeadline() async throws {
        let gate = Tally()
        let bench = Bench { _, _ in
            await gate.wait()
            return .granted()
        }
        let start = bench.clock.now
        let hasty = Task { await bench.outcome(deadline: start.advanced(by: .seconds(1))) }
        await bench.clock.waitForSleepers(2)
        let patient = Task { await bench.outcome(deadline: start.advanced(by: .seconds(60))) }
        await bench.clock.waitForSleepers(3)

        bench.clock.advance(by: .seconds(1))
        let error = await #expect(throws: EntraError.self) { try await hasty.value.get() }
        #expect(error?.reason == .waitEnded)
        #expect(bench.cache.health.isFetching)
        gate.add()
        #expect(try await patient.value.get().serial == 1)
        #expect(bench.transport.requests.count == 1)
    }

    @Test("a deadline that has passed gets a token that is at hand, but waits for none")
    func passedDeadline() async throws {
        let gate = Tally()
        let bench = Bench { _, _ in
            await gate.wait()
            return .granted()
        }
        let past = bench.clock.now.advanced(by: .seconds(-1))
        let error = await #expect(throws: EntraError.self) { try await bench.cache.accessToken(deadline: past) }
        #expect(error?.kind == .unavailable && error?.reason == .waitEnded)
        gate.add()
        await bench.settle()
        #expect(try await bench.cache.accessToken(deadline: past).serial == 1)
    }

    @Test("a cancelled waiter, even the one that began it, does not cancel the shared fetch")
    func cancelledWaiter() async throws {
        let gate = Tally()
        let bench = Bench { (_, _) async throws(TransportError) -> UpstreamResponse in
            await gate.wait()
            if Task.isCancelled { throw TransportError(.cancelled, delivery: .unknown, detail: "cancelled") }
            return .granted()
        }
        let first = Task { try await bench.token() }
        await bench.clock.waitForSleepers(2)
        let second = Task { try await bench.token() }
        await bench.clock.waitForSleepers(3)

        first.cancel()
        let error = await #expect(throws: EntraError.self) { try await first.value }
        #expect(error?.reason == .cancelled)
        gate.add()
        #expect(try await second.value.serial == 1)
        #expect(bench.transport.requests.count == 1)
    }

    @Test("a fetch is bounded by its own time limit, not by its callers' deadlines")
    func fetchLimit() async throws {
        let bench = Bench { _, _ in .granted() }
        _ = try await bench.cache.accessToken(deadline: bench.clock.now.advanced(by: .seconds(2)))
        #expect(bench.transport.requests.first?.deadline == bench.clock.now.advanced(by: .seconds(10)))
    }

    @Test("ten invalidations of one token drop it once and leave the new one")
    func invalidationByIdentity() async throws {
        let bench = Bench { _, _ in .granted() }
        let old = try await bench.token()
        await bench.cache.invalidate(old, challenge: nil)
        let new = try await bench.token()
        #expect(new.serial == 2)
        for _ in 0..<9 { await bench.cache.invalidate(old, challenge: nil) }
        #expect(try await bench.token().serial == 2)
        #expect(bench.transport.requests.count == 2)
    }

    @Test("parallel invalidations of one token lead to one new token for all")
    func parallelInvalidation() async throws {
        let bench = Bench { _, _ in .granted() }
        let old = try await bench.token()
        let serials = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await bench.cache.invalidate(old, challenge: nil)
                    return try await bench.token().serial
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(serials == [2])
        #expect(bench.transport.requests.count == 2)
    }

    @Test("a Graph that rejects each fresh token does not make the cache hammer Entra")
    func rejectedInARow() async throws {
        let bench = Bench { _, _ in .granted() }
        let start = bench.clock.now
        var paced = 0
        while bench.clock.now - start < .seconds(600) {
            switch await bench.outcome() {
            case .success(let token): await bench.cache.invalidate(token, challenge: nil)
            case .failure(let error):
                paced += 1
                #expect(error.kind == .unavailable && error.reason == .tokenRejected && error.retryAfter != nil)
            }
            bench.clock.advance(by: .milliseconds(250))
        }
        #expect(paced > 2000)
        #expect((15...45).contains(bench.transport.requests.count))
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.token().serial == UInt64(bench.transport.requests.count))
    }

    @Test("rejections that lie healthy hours apart are not counted together")
    func rejectionsApart() async throws {
        let bench = Bench { _, _ in .granted() }
        for _ in 0..<20 {
            await bench.cache.invalidate(try await bench.token(), challenge: nil)
            _ = try await bench.token()
            bench.clock.advance(by: .seconds(2900))
            _ = try await bench.token()
            await bench.settle()
        }
        #expect(bench.cache.health.lastError == nil)
        #expect(bench.transport.requests.count == 41 || bench.transport.requests.count == 40)
    }

    @Test("a 403 renews in the background, once in five minutes, while the old token serves")
    func forbidden() async throws {
        let gate = Tally()
        let bench = Bench { (_, index) async -> UpstreamResponse in
            if index == 1 { await gate.wait() }
            return .granted(expiresIn: 86400)
        }
        let old = try await bench.token()
        for _ in 0..<10 { await bench.cache.renewAfterForbidden(old) }
        #expect(try await bench.token().serial == 1)
        gate.add()
        await bench.settle()
        let new = try await bench.token()
        #expect(new.serial == 2)

        await bench.cache.renewAfterForbidden(old)
        await bench.cache.renewAfterForbidden(new)
        bench.clock.advance(by: .seconds(299))
        await bench.cache.renewAfterForbidden(new)
        #expect(!bench.cache.health.isFetching)
        #expect(bench.transport.requests.count == 2)

        bench.clock.advance(by: .seconds(1))
        await bench.cache.renewAfterForbidden(old)
        #expect(!bench.cache.health.isFetching)
        await bench.cache.renewAfterForbidden(new)
        await eventually { bench.transport.requests.count == 3 }
        await bench.settle()
        #expect(try await bench.token().serial == 3)
    }

    @Test("health tells what is there, how old it is and what failed last")
    func health() async throws {
        let bench = Bench { (_, index) async -> UpstreamResponse in
            index == 1 ? .text(.init(code: 503), "") : .granted()
        }
        #expect(bench.cache.health == TokenHealth.empty)
        _ = try await bench.token()
        bench.clock.advance(by: .seconds(60))
        let fresh = bench.cache.health
        #expect(fresh.hasUsableToken && fresh.lastError == nil && !fresh.isFetching)
        #expect(fresh.age == .seconds(60) && fresh.expiresIn == .seconds(3540) && fresh.renewsIn == .seconds(2820))

        bench.clock.advance(by: .seconds(2820))
        _ = try await bench.token()
        await eventually { bench.cache.health.lastError != nil }
        #expect(bench.cache.health.hasUsableToken)
        #expect(bench.cache.health.lastError?.reason == .serverError)

        bench.clock.advance(by: .seconds(60))
        _ = try await bench.token()
        await eventually { bench.cache.health.lastError == nil }
        #expect(bench.cache.health.hasUsableToken)
    }
}

extension TokenHealth {
    fileprivate static let empty = TokenHealth(TokenState(policy: TokenPolicy()), at: .now)
}
