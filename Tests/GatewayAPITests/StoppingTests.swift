import TestSupport
import Testing

@testable import GatewayAPI

@Suite("The steps to the end", .timeLimit(.minutes(5)))
struct StoppingTests {
    private static let limit = Duration.seconds(35)

    /// The steps as they are entered, and the means to have the next one.
    private struct Course {
        let clock: ManualClock
        let stopping: Stopping
        var steps: AsyncStream<Stopping.Step>.Iterator
    }

    private func run(grace: Duration, _ body: (inout Course) async -> Void) async {
        let clock = ManualClock()
        let stopping = Stopping(clock: clock)
        let (steps, step) = AsyncStream.makeStream(of: Stopping.Step.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stopping.run(grace: { grace }, limit: Self.limit) { step.yield($0) } }
            var course = Course(clock: clock, stopping: stopping, steps: steps.makeAsyncIterator())
            await body(&course)
            stopping.finish()
        }
    }

    @Test("asked once, each step lasts its time")
    func inTime() async {
        await run(grace: .seconds(5)) { course in
            course.stopping.ask()
            #expect(await course.steps.next() == .grace)
            await course.clock.waitForSleepers()
            course.clock.advance(by: .seconds(5))
            #expect(await course.steps.next() == .drain)
            await course.clock.waitForSleepers()
            course.clock.advance(by: Self.limit)
            #expect(await course.steps.next() == .hasten)
            await course.clock.waitForSleepers()
            course.clock.advance(by: .seconds(1))
            #expect(await course.steps.next() == .force)
            #expect(course.clock.sleeps == [.seconds(5), Self.limit, .seconds(1)])
        }
    }

    @Test("without a grace new requests are refused at once")
    func withoutGrace() async {
        await run(grace: .zero) { course in
            course.stopping.ask()
            #expect(await course.steps.next() == .drain)
        }
    }

    @Test("asked again it goes on to the next step at once, and the time of the step before ends none")
    func hurried() async {
        await run(grace: .seconds(600)) { course in
            course.stopping.ask()
            course.stopping.ask()
            course.stopping.ask()
            for step in [Stopping.Step.grace, .drain, .hasten] { #expect(await course.steps.next() == step) }
            await course.clock.waitForSleepers(3)
            #expect(course.clock.sleeps.contains(.seconds(5)))
            course.clock.advance(by: .milliseconds(4999))
            course.stopping.ask()
            #expect(await course.steps.next() == .force)
            course.stopping.ask()
        }
    }

    @Test("somebody in a hurry does not make it last longer")
    func hurriedAtTheEnd() async {
        await run(grace: .zero) { course in
            course.stopping.ask()
            #expect(await course.steps.next() == .drain)
            await course.clock.waitForSleepers()
            course.clock.advance(by: .seconds(34))
            course.stopping.ask()
            #expect(await course.steps.next() == .hasten)
            await course.clock.waitForSleepers(2)
            #expect(course.clock.sleeps == [Self.limit, .seconds(2)])
        }
    }

    @Test("what was asked for before it began is not forgotten")
    func early() async {
        let stopping = Stopping()
        stopping.ask()
        await stopping.run(grace: { .zero }, limit: Self.limit) { step in
            #expect(step == .drain)
            stopping.finish()
        }
    }
}
