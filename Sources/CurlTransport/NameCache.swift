/// What is known of the hosts to connect to, who waits for one, and which lookups are due. It knows neither threads nor clocks.
///
/// One lookup at a time is under way for a host, and all who need it wait for the same one. Who is told to wait is handed
/// back exactly once: with the lookup's end, as overdue, or by ``cancel(_:)``.
struct NameCache<Waiter> {
    typealias ID = UInt64
    typealias Instant = ContinuousClock.Instant

    struct Limits {
        /// How long addresses are used without asking again.
        var freshFor: Duration
        /// How long after that they are used while asking again brings nothing.
        var staleFor: Duration
        /// Lookups at a time: each holds a thread for as long as the system's resolver hangs.
        var maximumLookups: Int
        var maximumWaiters: Int
        /// Hosts that are remembered. Those that one operator configures are fewer.
        var maximumHosts = 64
        /// How long after a failure a host that has addresses is left alone.
        var pause = Duration.seconds(1)
    }

    enum Refusal: Equatable {
        case tooManyLookups, tooManyWaiters
    }

    enum Answer: Equatable {
        /// Connect. `given`: addresses that libcurl does not know for this host and port yet; ``noteGiven(_:host:port:)`` when
        /// it does.
        case known(give: [HostAddress]?)
        /// The host is an address, or libcurl knows it by itself.
        case literal
        case wait
        case refused(Refusal)
    }

    private enum State {
        case literal
        /// → known, or gone
        case sought
        /// → known, sought, or gone
        case known([HostAddress], freshUntil: Instant)
    }

    private struct Entry {
        var state: State
        var isLookedUp = false
        var nextLookup: Instant?
        /// The ports for which libcurl has these addresses.
        var portsGiven: [Int] = []
    }

    private struct Waiting {
        let waiter: Waiter
        let host: String
        let until: Instant
    }

    private let limits: Limits
    private var entries: [String: Entry] = [:]
    private var waiting: [ID: Waiting] = [:]
    private(set) var lookupCount = 0
    /// Nobody waits for less long. It may be the end of one that is gone: then one ``overdue(now:)`` looks in vain.
    private(set) var nextEnd: Instant?

    init(limits: Limits) { self.limits = limits }

    var waitingCount: Int { waiting.count }

    /// What to do about a connection to `host`, and whether to start a lookup of it now.
    ///
    /// - Parameters:
    ///   - waiter: kept where the answer is ``Answer/wait``, until `until` at most.
    mutating func ask(
        _ host: String,
        port: Int,
        waiter: @autoclosure () -> Waiter,
        as id: ID,
        until: Instant,
        now: Instant
    ) -> (answer: Answer, startsLookup: Bool) {
        guard let index = entries.index(forKey: host) else {
            return askUnknown(host, waiter: waiter(), as: id, until: until, now: now)
        }
        switch entries.values[index].state {
        case .literal:
            return (.literal, false)
        case .known(let addresses, let freshUntil):
            let give = entries.values[index].portsGiven.contains(port) ? nil : addresses
            if now < freshUntil { return (.known(give: give), false) }
            if now < freshUntil + limits.staleFor {
                return (.known(give: give), startLookup(at: index, now: now))
            }
            entries.values[index].state = .sought
            entries.values[index].nextLookup = nil
            return wait(for: index, waiter: waiter(), as: id, until: until, now: now)
        case .sought:
            return wait(for: index, waiter: waiter(), as: id, until: until, now: now)
        }
    }

    /// libcurl has been given `addresses`, if they are still the ones that count.
    mutating func noteGiven(_ addresses: [HostAddress], host: String, port: Int) {
        guard case .known(addresses, _)? = entries[host]?.state else { return }
        entries[host]?.portsGiven.append(port)
    }

    /// A lookup ended; `addresses` is nil, or empty, where it failed. Returns who waited for it, in order.
    mutating func learn(_ addresses: [HostAddress]?, of host: String, now: Instant) -> [(id: ID, waiter: Waiter)] {
        guard var entry = entries[host], entry.isLookedUp else { return [] }
        lookupCount -= 1
        entry.isLookedUp = false
        if let addresses, !addresses.isEmpty {
            if case .known(addresses, _) = entry.state {} else { entry.portsGiven = [] }
            entry.state = .known(addresses, freshUntil: now + limits.freshFor)
            entry.nextLookup = nil
            entries[host] = entry
        } else if case .known = entry.state {
            entry.nextLookup = now + limits.pause
            entries[host] = entry
        } else {
            // A failure is not remembered: whoever asks next starts another lookup.
            entries[host] = nil
        }
        return takeWaiters { $0.host == host }
    }

    /// Who has waited for long enough.
    mutating func overdue(now: Instant) -> [(id: ID, waiter: Waiter)] {
        guard let nextEnd, nextEnd <= now else { return [] }
        let overdue = takeWaiters { $0.until <= now }
        self.nextEnd = waiting.values.lazy.map(\.until).min()
        return overdue
    }

    /// Hands back a waiter, if it is one.
    mutating func cancel(_ id: ID) -> Waiter? { waiting.removeValue(forKey: id)?.waiter }

    private mutating func askUnknown(
        _ host: String,
        waiter: @autoclosure () -> Waiter,
        as id: ID,
        until: Instant,
        now: Instant
    ) -> (answer: Answer, startsLookup: Bool) {
        if entries.count >= limits.maximumHosts { entries = entries.filter { $0.value.isLookedUp } }
        guard !Self.needsNoLookup(host) else {
            entries[host] = Entry(state: .literal)
            return (.literal, false)
        }
        guard lookupCount < limits.maximumLookups else { return (.refused(.tooManyLookups), false) }
        entries[host] = Entry(state: .sought)
        return wait(for: entries.index(forKey: host)!, waiter: waiter(), as: id, until: until, now: now)
    }

    private mutating func wait(
        for index: Dictionary<String, Entry>.Index,
        waiter: @autoclosure () -> Waiter,
        as id: ID,
        until: Instant,
        now: Instant
    ) -> (answer: Answer, startsLookup: Bool) {
        guard waiting.count < limits.maximumWaiters else { return (.refused(.tooManyWaiters), false) }
        let startsLookup = startLookup(at: index, now: now)
        guard entries.values[index].isLookedUp else { return (.refused(.tooManyLookups), false) }
        waiting[id] = Waiting(waiter: waiter(), host: entries.keys[index], until: until)
        nextEnd = nextEnd.map { min($0, until) } ?? until
        return (.wait, startsLookup)
    }

    /// Notes a lookup as under way, unless one is, it is too early, or there are too many.
    private mutating func startLookup(at index: Dictionary<String, Entry>.Index, now: Instant) -> Bool {
        let entry = entries.values[index]
        guard !entry.isLookedUp, lookupCount < limits.maximumLookups, entry.nextLookup.map({ $0 <= now }) ?? true else {
            return false
        }
        entries.values[index].isLookedUp = true
        lookupCount += 1
        return true
    }

    private mutating func takeWaiters(where isMeant: (Waiting) -> Bool) -> [(id: ID, waiter: Waiter)] {
        guard !waiting.isEmpty else { return [] }
        let taken = waiting.filter { isMeant($0.value) }.sorted { $0.key < $1.key }
        for (id, _) in taken { waiting[id] = nil }
        return taken.map { ($0.key, $0.value.waiter) }
    }

    /// Addresses; and `localhost`, which libcurl knows by itself (RFC 6761 §6.3).
    private static func needsNoLookup(_ host: String) -> Bool {
        host.hasPrefix("[") || host == "localhost" || host.hasSuffix(".localhost") || HostAddress(host) != nil
    }
}
