import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

/// A source of grants that keeps what it was asked with.
private final class ScriptedSource: TokenGrantSource {
    typealias Answer = @Sendable (Int) async throws(EntraError) -> TokenGrant

    private let asked = Box<[ClaimsChallenge?]>([])
    private let answer: Answer

    init(_ answer: @escaping Answer) { self.answer = answer }

    var challenges: [ClaimsChallenge?] { asked.value ?? [] }

    func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let index = challenges.count
        asked.value = challenges + [claims]
        return try await answer(index)
    }
}

private func grant(_ token: String = "opaque", life: Int = 3600) -> TokenGrant {
    try! TokenGrant(ByteBuffer(string: #"{"token_type":"Bearer","expires_in":\#(life),"access_token":"\#(token)"}"#))
}

@Suite("TokenCache, challenged for claims", .timeLimit(.minutes(5)))
struct TokenChallengeTests {
    private static let challenge = ClaimsChallenge(base64: "eyJhIjoxfQ")!

    private let clock = ManualClock()

    private func cache(_ source: ScriptedSource) -> TokenCache {
        TokenCache(source: source, clock: clock, logger: .silent, policy: TokenPolicy(random: { 0.5 }))
    }

    private func token(_ cache: TokenCache) async throws -> AccessToken {
        try await cache.accessToken(deadline: clock.now.advanced(by: .seconds(60)))
    }

    @Test("The next token is asked for with the claims, and the one after it without")
    func asked() async throws {
        let source = ScriptedSource { _ in grant() }
        let cache = cache(source)
        let first = try await token(cache)
        await cache.invalidate(first, challenge: Self.challenge)
        let second = try await token(cache)
        #expect(second.serial == 2)
        await cache.invalidate(second, challenge: nil)
        _ = try await token(cache)
        #expect(source.challenges == [nil, Self.challenge, nil])
    }

    @Test("Claims are asked for until a token was granted for them")
    func kept() async throws {
        let source = ScriptedSource { (index) async throws(EntraError) in
            if index == 1 { throw EntraError(.unavailable, reason: .serverError, detail: "down") }
            return grant()
        }
        let cache = cache(source)
        await cache.invalidate(try await token(cache), challenge: Self.challenge)
        await #expect(throws: EntraError.self) { try await token(cache) }
        clock.advance(by: .seconds(2))
        _ = try await token(cache)
        #expect(source.challenges == [nil, Self.challenge, Self.challenge])
    }

    @Test("A challenge of a token that is no longer the present one changes nothing")
    func outdated() async throws {
        let source = ScriptedSource { _ in grant() }
        let cache = cache(source)
        let first = try await token(cache)
        await cache.invalidate(first, challenge: nil)
        let second = try await token(cache)
        await cache.invalidate(first, challenge: Self.challenge)
        #expect(try await token(cache).serial == second.serial)
        await cache.invalidate(second, challenge: nil)
        _ = try await token(cache)
        #expect(source.challenges == [nil, nil, nil])
    }

    @Test("Claims that Entra refuses are not asked for again until Graph does")
    func refused() async throws {
        let source = ScriptedSource { (index) async throws(EntraError) in
            if index == 1 { throw EntraError(.refused, reason: .conditionalAccess, detail: "no") }
            return grant()
        }
        let cache = cache(source)
        await cache.invalidate(try await token(cache), challenge: Self.challenge)
        await #expect(throws: EntraError.self) { try await token(cache) }
        clock.advance(by: .seconds(70))
        await cache.invalidate(try await token(cache), challenge: Self.challenge)
        _ = try await token(cache)
        #expect(source.challenges == [nil, Self.challenge, nil, Self.challenge])
    }

    @Test(
        "A challenge that meets a renewal under way is answered by the next one, and nobody gets what would be challenged"
    )
    func underWay() async throws {
        let gate = Tally()
        let source = ScriptedSource { (index) async throws(EntraError) in
            if index == 1 { await gate.wait() }
            return grant()
        }
        let cache = cache(source)
        let first = try await token(cache)
        cache.renewNow()
        await eventually { source.challenges.count == 2 }
        await cache.invalidate(first, challenge: Self.challenge)
        let waiter = Task { try await token(cache) }
        gate.add()
        _ = try await waiter.value
        #expect(source.challenges == [nil, nil, Self.challenge])
    }

    @Test("200 callers that are challenged at once lead to one new token")
    func crowd() async throws {
        let source = ScriptedSource { _ in grant() }
        let cache = cache(source)
        let first = try await token(cache)
        try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await cache.invalidate(first, challenge: Self.challenge)
                    return try await token(cache).serial
                }
            }
            for try await serial in group { #expect(serial == 2) }
        }
        #expect(source.challenges == [nil, Self.challenge])
    }
}

@Suite("TokenCache, told to renew", .timeLimit(.minutes(5)))
struct TokenRenewNowTests {
    private let clock = ManualClock()

    private func cache(_ source: ScriptedSource) -> TokenCache {
        TokenCache(source: source, clock: clock, logger: .silent, policy: TokenPolicy(random: { 0.5 }))
    }

    private func serial(_ cache: TokenCache) async throws -> UInt64 {
        try await cache.accessToken(deadline: clock.now.advanced(by: .seconds(60))).serial
    }

    @Test("A new token is fetched, and the present one serves meanwhile")
    func renews() async throws {
        let gate = Tally()
        let source = ScriptedSource { index in
            if index == 1 { await gate.wait() }
            return grant()
        }
        let cache = cache(source)
        #expect(try await serial(cache) == 1)
        cache.renewNow()
        #expect(cache.health.isFetching)
        #expect(try await serial(cache) == 1)
        gate.add()
        await eventually { !cache.health.isFetching }
        #expect(try await serial(cache) == 2)
    }

    @Test("A fetch that began before is followed by another, once")
    func followed() async throws {
        let gate = Tally()
        let source = ScriptedSource { index in
            if index == 0 { await gate.wait() }
            return grant()
        }
        let cache = cache(source)
        let keeper = Task { await cache.keepFresh() }
        defer { keeper.cancel() }
        await eventually { source.challenges.count == 1 }
        cache.renewNow()
        cache.renewNow()
        gate.add()
        await eventually { source.challenges.count == 2 && !cache.health.isFetching }
        #expect(try await serial(cache) == 2)
        #expect(source.challenges.count == 2)
    }

    @Test("The pause after a refusal ends")
    func endsPause() async throws {
        let source = ScriptedSource { (index) async throws(EntraError) in
            if index == 0 { throw EntraError(.refused, reason: .secretWrong, detail: "no") }
            return grant()
        }
        let cache = cache(source)
        await #expect(throws: EntraError.self) { try await serial(cache) }
        await #expect(throws: EntraError.self) { try await serial(cache) }
        #expect(source.challenges.count == 1)
        cache.renewNow()
        #expect(try await serial(cache) == 1)
        #expect(source.challenges.count == 2)
    }

    @Test("A failure of the fetch that was outdated does not hold up the next")
    func outdatedFailure() async throws {
        let gate = Tally()
        let source = ScriptedSource { (index) async throws(EntraError) in
            guard index == 0 else { return grant() }
            await gate.wait()
            throw EntraError(.refused, reason: .secretExpired, detail: "no")
        }
        let cache = cache(source)
        let keeper = Task { await cache.keepFresh() }
        defer { keeper.cancel() }
        await eventually { source.challenges.count == 1 }
        cache.renewNow()
        gate.add()
        await eventually { cache.health.hasUsableToken }
        #expect(source.challenges.count == 2)
    }

    @Test("Who waits for a fetch that is outdated and fails gets what the next one brings")
    func outdatedWaiter() async throws {
        let gate = Tally()
        let source = ScriptedSource { (index) async throws(EntraError) in
            guard index == 0 else { return grant() }
            await gate.wait()
            throw EntraError(.refused, reason: .secretExpired, detail: "no")
        }
        let cache = cache(source)
        let waiter = Task { try await serial(cache) }
        await eventually { source.challenges.count == 1 }
        cache.renewNow()
        gate.add()
        #expect(try await waiter.value == 1)
        #expect(source.challenges.count == 2)
    }

    @Test("A source that comes to no end is given up, and asked again")
    func endless() async throws {
        let gate = Tally()
        let source = ScriptedSource { (index) async throws(EntraError) in
            if index == 0 { await gate.wait() }
            return grant("token\(index)")
        }
        let cache = cache(source)
        let waiter = Task { try await serial(cache) }
        await eventually { cache.health.isFetching && source.challenges.count == 1 }
        await eventually {
            clock.advance(by: .seconds(1))
            return cache.health.lastError?.reason == .timedOut
        }
        await #expect(throws: EntraError.self) { try await waiter.value }
        clock.advance(by: .seconds(5))
        #expect(try await serial(cache) == 1)
        // What comes after all is no news.
        gate.add()
        for _ in 0..<100 { await Task.yield() }
        #expect(try await cache.accessToken(deadline: clock.now).value.reveal { $0 } == "token1")
    }

    @Test("A pause that Entra asked for lasts")
    func throttled() async throws {
        let source = ScriptedSource { (_) async throws(EntraError) in
            throw EntraError(.unavailable, reason: .throttled, retryAfter: .seconds(60), detail: "429")
        }
        let cache = cache(source)
        await #expect(throws: EntraError.self) { try await serial(cache) }
        cache.renewNow()
        await #expect(throws: EntraError.self) { try await serial(cache) }
        #expect(source.challenges.count == 1)
    }
}
