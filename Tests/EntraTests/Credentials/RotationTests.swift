import Settings
import Testing
import Transport

@testable import Entra

@Suite("Rotation")
struct RotationTests {
    let start = ContinuousClock.now
    let time = Timestamp(secondsSince1970: 1_800_000_000)
    let refusal = EntraError(.refused, reason: .secretWrong, oauthError: "invalid_client", detail: "no")

    func secret(_ text: String) -> CredentialContent { .secret(Secret(text)) }

    /// One that started with "one".
    func rotation() -> Rotation { Rotation(secret("one"), loadedAt: time) }

    @discardableResult
    func found(_ text: String, in rotation: inout Rotation, at instant: ContinuousClock.Instant? = nil) throws -> Int {
        let reading = rotation.read(secret(text), loadedAt: time, at: instant ?? start)
        guard case .found(let content) = reading else {
            Issue.record("nothing was found")
            return 0
        }
        return content.generation
    }

    @Test("what is read again unchanged is nothing new")
    func same() {
        var rotation = rotation()
        let reading = rotation.read(secret("one"), loadedAt: time, at: start)
        guard case .same = reading else {
            Issue.record("something new")
            return
        }
        #expect(rotation.candidate == nil)
        #expect(rotation.first(at: start).generation == 1)
    }

    @Test("a new content is shown first, and in use only when it was accepted")
    func accepted() throws {
        var rotation = rotation()
        let new = try found("two", in: &rotation)
        #expect(new == 2)
        #expect(rotation.first(at: start).generation == 2)
        #expect(rotation.inUse.generation == 1)
        let accepted = rotation.accepted(2)
        #expect(accepted?.generation == 2)
        #expect(rotation.inUse.generation == 2)
        #expect(rotation.isProven)
        #expect(rotation.candidate == nil)
        // A late word of the one before changes nothing.
        let late = rotation.accepted(1)
        #expect(late == nil)
        #expect(rotation.inUse.generation == 2)
    }

    @Test("a refused one gives way to the one in use, and is tried again ever more seldom")
    func refused() throws {
        var rotation = rotation()
        try found("two", in: &rotation)
        let isDue = rotation.takeDueTrial(at: start)
        #expect(isDue)
        var now = start
        for pause in [60, 120, 240, 480, 600, 600] {
            #expect(rotation.first(at: now).generation == 2)
            let refused = rotation.refused(2, refusal, at: now)
            #expect(refused?.refusal == refusal)
            #expect(rotation.replacement(for: [2])?.generation == 1)
            #expect(rotation.first(at: now).generation == 1)
            let early = now.advanced(by: .seconds(pause) - .milliseconds(1))
            let isDueEarly = rotation.takeDueTrial(at: early)
            now = now.advanced(by: .seconds(pause))
            let isDue = rotation.takeDueTrial(at: now)
            let isDueAgain = rotation.takeDueTrial(at: now)
            #expect([isDueEarly, isDue, isDueAgain] == [false, true, false])
        }
    }

    @Test("an operator who asks need not wait for the next try")
    func hurried() throws {
        var rotation = rotation()
        try found("two", in: &rotation)
        _ = rotation.refused(2, refusal, at: start)
        rotation.hurry(at: start)
        let isDue = rotation.takeDueTrial(at: start)
        #expect(isDue)
        #expect(rotation.first(at: start).generation == 2)
    }

    @Test("when the one in use is refused, a candidate is shown before its time; each is shown once")
    func bothRefused() throws {
        var rotation = rotation()
        try found("two", in: &rotation)
        _ = rotation.refused(2, refusal, at: start)
        #expect(rotation.first(at: start).generation == 1)
        let refused = rotation.refused(1, refusal, at: start)
        #expect(refused == nil)
        #expect(rotation.replacement(for: [1])?.generation == 2)
        #expect(rotation.replacement(for: [1, 2]) == nil)
    }

    @Test("a candidate that is replaced is forgotten, and one that is taken back too")
    func replaced() throws {
        var rotation = rotation()
        try found("two", in: &rotation)
        _ = rotation.refused(2, refusal, at: start)
        let third = try found("three", in: &rotation)
        #expect(third == 3)
        #expect(rotation.first(at: start).generation == 3)
        guard case .withdrawn(let content) = rotation.read(secret("one"), loadedAt: time, at: start) else {
            Issue.record("it was not taken back")
            return
        }
        #expect(content.generation == 3)
        #expect(rotation.candidate == nil)
        #expect(rotation.replacement(for: [1]) == nil)
        let late = rotation.accepted(2)
        #expect(late == nil)
    }

    @Test("a late word for a candidate that was replaced meanwhile puts it in use, and the newer one stays a candidate")
    func lateWord() throws {
        var rotation = rotation()
        for text in ["two", "three", "four"] { try found(text, in: &rotation) }
        let late = rotation.accepted(2)
        #expect(late?.generation == 2)
        #expect(rotation.inUse.generation == 2 && rotation.isProven)
        #expect(rotation.candidate?.content.generation == 4)
        #expect(rotation.first(at: start).generation == 4)
        #expect(rotation.replacement(for: [4])?.generation == 2)
        let newest = rotation.accepted(4)
        #expect(newest?.generation == 4)
        // And what came before it never comes back.
        let older = rotation.accepted(3)
        #expect(older == nil)
        #expect(rotation.inUse.generation == 4 && rotation.candidate == nil)
    }

    @Test("a request that came to nothing is no verdict, and the next one shows what is proven")
    func cameToNothing() throws {
        var rotation = rotation()
        try found("two", in: &rotation)
        let isDue = rotation.takeDueTrial(at: start)
        let failed = rotation.failed(2, at: start)
        #expect(isDue && failed?.refusal == nil)
        #expect(rotation.first(at: start).generation == 1)
        let later = start.advanced(by: .seconds(60))
        #expect(rotation.first(at: later).generation == 2)
        let isDueAgain = rotation.takeDueTrial(at: later)
        #expect(isDueAgain)
        let other = rotation.failed(1, at: later)
        #expect(other == nil)
    }

    @Test("a file that cannot be used is told once for each reason, and changes nothing")
    func broken() throws {
        var rotation = rotation()
        let empty = SettingsProblem("AZURE_CLIENT_SECRET_FILE", "it is empty", fix: "Fill it")
        let missing = SettingsProblem("AZURE_CLIENT_SECRET_FILE", "there is none", fix: "Make one")
        let isNew = [rotation.readFailed(empty), rotation.readFailed(empty), rotation.readFailed(missing)]
        #expect(isNew == [true, false, true])
        #expect(rotation.fault == missing)
        #expect(rotation.first(at: start).generation == 1)
        _ = rotation.read(secret("one"), loadedAt: time, at: start)
        #expect(rotation.fault == nil)
        let isNewAgain = rotation.readFailed(empty)
        #expect(isNewAgain)
    }
}
