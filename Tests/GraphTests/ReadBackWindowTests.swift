import Settings
import Testing
import Transport

@testable import Graph

/// Instants are seconds from one moment at which Graph's clock shows `Timestamp(secondsSince1970: 1000)`.
private let zero = ContinuousClock.now
private func at(_ seconds: Double) -> ContinuousClock.Instant { zero.advanced(by: .seconds(seconds)) }
private func time(_ seconds: Double) -> Timestamp { Timestamp(secondsSince1970: 1000 + seconds) }

/// The clock of a read that was asked for at 20 and answered at once, with whole seconds as `Date` has them.
private let clock = GraphClock(date: time(20), asked: at(20), answered: at(20), fallback: time(99_999))

@Suite("GraphClock")
struct GraphClockTests {
    @Test("the range of a moment on Graph's clock is as wide as Date is coarse and the exchange was long")
    func range() {
        let clock = GraphClock(date: time(20), asked: at(19), answered: at(21), fallback: time(0))
        #expect(clock.earliest(at: at(21)) == time(20) && clock.latest(at: at(21)) == time(23))
        #expect(clock.earliest(at: at(10)) == time(9) && clock.latest(at: at(10)) == time(12))
        #expect(clock.isGraphs)
    }

    @Test("the true time is inside of the range, wherever in the exchange Date was written", arguments: 0..<100)
    func containsTruth(round: Int) {
        let asked = Double(round) * 0.37
        let answered = asked + Double(round % 7) * 0.9
        let written = asked + (answered - asked) * Double(round % 5) / 4
        let clock = GraphClock(
            date: time(written.rounded(.down)),
            asked: at(asked),
            answered: at(answered),
            fallback: time(0)
        )
        for moment in [-100, 0, asked, answered, answered + 50] {
            #expect(clock.earliest(at: at(moment)) <= time(moment + 1e-6))
            #expect(clock.latest(at: at(moment)) >= time(moment - 1e-6))
        }
    }

    @Test("without a Date the fallback is the time of the answer, and is known not to be Graph's")
    func fallback() {
        let clock = GraphClock(date: nil, asked: at(19), answered: at(21), fallback: time(21))
        #expect(!clock.isGraphs)
        #expect(clock.earliest(at: at(20)) == time(20) && clock.latest(at: at(20)) == time(20))
    }
}

@Suite("ReadBackWindow")
struct ReadBackWindowTests {
    private let window = ReadBackWindow(sent: at(10), ended: at(12), validity: .seconds(3600))

    @Test(
        "a creation time is inside from 3 s before the send to 3 s after the end, and a second for Date's coarseness",
        arguments: [(6.9, false), (7, true), (10, true), (12, true), (16, true), (16.1, false)]
    )
    func edges(seconds: Double, isInside: Bool) {
        let creation = TokenState(createdAt: time(seconds))
        let end = TokenState(expiresAt: time(seconds) + .seconds(3600))
        let both = TokenState(createdAt: time(seconds), expiresAt: time(seconds) + .seconds(3600))
        for state in [creation, end, both] { #expect(window.contains(state, on: clock) == isInside) }
    }

    @Test("a token that was created in time but ends otherwise is outside")
    func otherEnd() {
        #expect(!window.contains(TokenState(createdAt: time(11), expiresAt: time(11 + 7200)), on: clock))
        #expect(!window.contains(TokenState(createdAt: time(1), expiresAt: time(11 + 3600)), on: clock))
    }

    @Test("without any time nothing is inside")
    func noTimes() { #expect(!window.contains(TokenState(value: Secret("x")), on: clock)) }
}

@Suite("Baseline")
struct BaselineSightingTests {
    private let window = ReadBackWindow(sent: at(10), ended: at(12), validity: .seconds(3600))
    private let inside = TokenState(value: Secret("new"), expiresAt: time(11 + 3600))
    private let old = TokenState(value: Secret("old"), expiresAt: time(9.5 + 3600))
    private let none = TokenState()
    private let other = TokenState(value: Secret("other"), expiresAt: time(90_000))
    private let expired = TokenState(value: Secret("expired"), expiresAt: time(5))

    private func sees(_ state: TokenState, _ baseline: Baseline, on graph: GraphClock = clock) -> Sighting {
        baseline.sighting(of: state, window: window, on: graph)
    }

    @Test("with a baseline that was read, ours is what differs from it and lies inside the window")
    func read() {
        for before in [none, old, expired, other] {
            #expect(sees(inside, .read(before)) == .ours)
            #expect(sees(before, .read(before)) == .before)
        }
        #expect(sees(old, .read(none)) == .ours)
        #expect(sees(other, .read(old)) == .other)
        #expect(sees(expired, .read(old)) == .before)
        #expect(sees(none, .read(old)) == .other)
        #expect(sees(TokenState(value: Secret("x")), .read(none)) == .other)
    }

    @Test("a token is the baseline's only if everything that is known of it is the same")
    func sameToken() {
        let token = TokenState(value: Secret("a"), createdAt: time(1), expiresAt: time(2))
        #expect(token.isSameToken(as: token))
        #expect(!token.isSameToken(as: TokenState(value: Secret("b"), createdAt: time(1), expiresAt: time(2))))
        #expect(!token.isSameToken(as: TokenState(value: nil, createdAt: time(1), expiresAt: time(2))))
        #expect(!token.isSameToken(as: TokenState(value: Secret("a"), createdAt: time(1.5), expiresAt: time(2))))
        #expect(!token.isSameToken(as: TokenState(value: Secret("a"), createdAt: time(1), expiresAt: nil)))
        #expect(TokenState().isSameToken(as: TokenState()))
    }

    @Test("with a creation of our own as baseline, that one is not ours a second time")
    func created() {
        let last = ProfileHistory.Creation(sent: at(-100), answered: at(-99), validity: .seconds(3600))
        #expect(sees(TokenState(expiresAt: time(-99.5 + 3600)), .created(last)) == .before)
        #expect(sees(inside, .created(last)) == .ours)
        #expect(sees(other, .created(last)) == .other)
        #expect(sees(none, .created(last)) == .other)
    }

    @Test("what may be a token of an earlier send of ours is nobody's")
    func pending() {
        let certain = ProfileHistory.Creation(sent: at(9), answered: at(9.5), validity: .seconds(3600))
        #expect(sees(old, .read(none, pending: [certain])) == .other)
        #expect(sees(old, .read(old, pending: [certain])) == .before)
        let late = TokenState(value: Secret("new"), expiresAt: time(15 + 3600))
        #expect(sees(late, .read(none, pending: [certain])) == .ours)

        let doubtful = ProfileHistory.Creation(
            sent: at(-30),
            answered: at(-20),
            validity: .seconds(3600),
            isCertain: false
        )
        #expect(sees(inside, .read(none, pending: [doubtful])) == .other)
        let longer = ProfileHistory.Creation(
            sent: at(-30),
            answered: at(-20),
            validity: .seconds(7200),
            isCertain: false
        )
        #expect(sees(inside, .read(none, pending: [longer])) == .ours)
        let gone = ProfileHistory.Creation(
            sent: at(-90),
            answered: at(-80),
            validity: .seconds(3600),
            isCertain: false
        )
        #expect(sees(inside, .read(none, pending: [gone])) == .ours)
    }

    @Test("what is older than the baseline's token is not ours, even inside the window")
    func older() {
        let baseline = Baseline.read(other, createdAt: time(10.5))
        #expect(sees(TokenState(expiresAt: time(10.4 + 3600)), baseline) == .other)
        #expect(sees(TokenState(createdAt: time(10.4), expiresAt: time(10.4 + 3600)), baseline) == .other)
        #expect(sees(inside, baseline) == .ours)
    }

    @Test("what the profile showed before a creation is not what that created")
    func before() {
        var last = ProfileHistory.Creation(sent: at(9), answered: at(9.5), validity: .seconds(3600))
        #expect(last.isShown(by: old, on: clock))
        last.before = TokenTimes(old)
        #expect(!last.isShown(by: old, on: clock))
        #expect(last.isShown(by: TokenState(expiresAt: time(9.2 + 3600)), on: clock))
    }

    @Test("by a baseline that was late nothing can be told")
    func late() {
        for state in [inside, old, none, other, expired] { #expect(sees(state, .late()) == .other) }
    }

    @Test("by a clock that is not Graph's no token is over")
    func foreignClock() {
        let own = GraphClock(date: nil, asked: at(20), answered: at(20), fallback: time(20))
        #expect(sees(expired, .read(old), on: own) == .other)
        #expect(sees(old, .read(old), on: own) == .before)
        #expect(sees(none, .read(old), on: own) == .other)
    }
}

@Suite("ProfileHistory")
struct ProfileHistoryTests {
    private let history = ProfileHistory()
    private let profile = ProfileReference.example()

    private func needs(_ validity: Double, at now: Double, span: Double = 25) -> Bool {
        history.needsBaseline(for: profile, validity: .seconds(validity), now: at(now), span: .seconds(span))
    }

    @Test("of a profile of which nothing is known a baseline is needed")
    func unknown() {
        #expect(needs(3600, at: 0))
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(3600)), of: .example(.deviceOwner))
        #expect(needs(3600, at: 100))
    }

    @Test(
        "a token of our own is confusable for 15 s",
        arguments: [(1.0, true), (16, true), (16.1, false), (5000, false)]
    )
    func age(now: Double, needed: Bool) {
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(60)), of: profile)
        #expect(needs(86_400, at: now) == needed)
    }

    @Test(
        "a token of our own is confusable when it may end within 15 s of the new one",
        // Its end lies in [7200, 7201]; the new one is created within 25 s of 1000.
        arguments: [(6159.9, false), (6160, true), (6200, true), (6216, true), (6216.1, false)]
    )
    func ends(validity: Double, needed: Bool) {
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(7200)), of: profile)
        #expect(needs(validity, at: 1000) == needed)
    }

    @Test("an uncertain creation needs a baseline however old it is, a certain one after it none")
    func uncertain() {
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(60), isCertain: false), of: profile)
        #expect(needs(86_400, at: 5000))
        history.record(.init(sent: at(5000), answered: at(5001), validity: .seconds(60)), of: profile)
        #expect(!needs(86_400, at: 6000))
        history.record(.init(sent: at(6000), answered: at(6001)), of: profile)
        // The profile does not show that creation any more.
        #expect(needs(86_400, at: 7000))
    }

    @Test(
        "all creations of the last minute are kept, eight at most, and the one before the last where nothing was read"
    )
    func recent() {
        for number in 0..<20 {
            let start = Double(number)
            history.record(.init(sent: at(start), answered: at(start + 0.5), validity: .seconds(60)), of: profile)
        }
        #expect(history.record(of: profile).creations.map(\.sent) == (0..<20).map { at(Double($0)) })
        history.record(.init(sent: at(500), answered: at(501), validity: .seconds(60)), of: profile)
        #expect(history.record(of: profile).creations.map(\.sent) == [at(19), at(500)])
        #expect(history.record(of: profile).recent(at: at(510)).map(\.sent) == [at(500)])
        let read = TokenTimes(createdAt: nil, expiresAt: nil)
        history.record(.init(sent: at(900), answered: at(901), validity: .seconds(60), before: read), of: profile)
        #expect(history.record(of: profile).creations.map(\.sent) == [at(900)])
    }

    @Test("what becomes known of the last creation takes its place")
    func settled() {
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(60), isCertain: false), of: profile)
        history.record(.init(sent: at(0), answered: at(1), validity: .seconds(60)), of: profile)
        #expect(history.record(of: profile).creations.map(\.isCertain) == [true])
    }

    @Test("it does not grow without end, and keeps the newest")
    func capacity() {
        let creation = ProfileHistory.Creation(sent: at(0), answered: at(1), validity: .seconds(60))
        for number in 0...ProfileHistory.capacity { history.record(creation, of: .example(number: number)) }
        let kept = (0...ProfileHistory.capacity).filter { !history.record(of: .example(number: $0)).creations.isEmpty }
        #expect(kept.count <= ProfileHistory.capacity && kept.last == ProfileHistory.capacity)
    }
}
