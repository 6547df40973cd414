/// Graph's limit on writes: so many in any stretch of time. A refused request counts too, as Graph's do, so that asking again
/// at once only prolongs the wait.
struct WriteWindow: Sendable {
    private let limit: SandboxConfiguration.Throttling
    /// The latest arrivals, at most as many as the limit; `oldest` is where the ring begins once it is full.
    private var arrivals: [SandboxInstant] = []
    private var oldest = 0

    init(_ limit: SandboxConfiguration.Throttling) { self.limit = limit }

    /// Notes one write. Returns nil when it is admitted, else the whole seconds until the next one would be.
    mutating func admit(at now: SandboxInstant) -> Int? {
        guard arrivals.count == limit.writes else {
            arrivals.append(now)
            return nil
        }
        let full = arrivals[oldest].advanced(bySeconds: limit.seconds) > now
        arrivals[oldest] = now
        oldest = (oldest + 1) % limit.writes
        guard full else { return nil }
        let wait = arrivals[oldest].advanced(bySeconds: limit.seconds).ticks - now.ticks
        return max(1, Int((wait + SandboxInstant.ticksPerSecond - 1) / SandboxInstant.ticksPerSecond))
    }
}
