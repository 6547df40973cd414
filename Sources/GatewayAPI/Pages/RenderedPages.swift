import Pages
import Transport

/// Pages that are drawn once for all who ask within a second: a hundred open consoles cost what one does, and share its bytes.
///
/// They are drawn one after another and on no loop, so that they never take more than one thread, whatever is asked for.
actor RenderedPages<View: Hashable & Sendable> {
    /// So long a page is shown as it was drawn.
    static var life: Duration { .seconds(1) }
    /// Views that are kept; who asks for more has them drawn.
    static var most: Int { 16 }

    private struct Drawn: Sendable {
        var page: PageAnswer
        var at: ContinuousClock.Instant
    }

    /// How many are kept.
    var kept: Int { drawn.count }
    /// How many are being drawn or wait for that.
    var awaited: Int { coming.count }

    private var drawn: [View: Drawn] = [:]
    /// Shared by all who want the same one.
    private var coming: [View: Task<Drawn, Never>] = [:]
    /// The one after which the next is drawn.
    private var last: Task<Drawn, Never>?
    private let clock: any MonotonicClock
    private let draw: @Sendable (View) async -> PageAnswer

    init(clock: any MonotonicClock, draw: @escaping @Sendable (View) async -> PageAnswer) {
        self.clock = clock
        self.draw = draw
    }

    func page(_ view: View) async -> PageAnswer {
        if let drawn = drawn[view], clock.now - drawn.at < Self.life { return drawn.page }
        let page = coming[view] ?? begin(view)
        let answer = await page.value
        if coming[view] == page { keep(answer, of: view) }
        return answer.page
    }

    /// A task that is none of this actor's: those run on the loop, where it is there that somebody asks.
    private func begin(_ view: View) -> Task<Drawn, Never> {
        let page = Task { [draw, clock, last] in
            _ = await last?.value
            let begin = clock.now
            return Drawn(page: await draw(view), at: begin)
        }
        coming[view] = page
        last = page
        return page
    }

    private func keep(_ page: Drawn, of view: View) {
        coming[view] = nil
        if coming.isEmpty { last = nil }
        let now = clock.now
        drawn = drawn.filter { now - $0.value.at < Self.life }
        if drawn.count < Self.most { drawn[view] = page }
    }
}
