import Glibc
import Threads
import Transport

/// Finds the addresses to connect to before a transfer is given to libcurl. The transfer thread's own.
///
/// libcurl would start a thread for each transfer that meets an unknown name, as many as there are while a resolver hangs.
/// Here a hanging lookup holds one thread and those who need that very name, each of them for the connect timeout at most.
struct NameLookup {
    /// Threads that may hang in the system's resolver at a time.
    static let maximumLookups = 4

    /// A submission on its way to its connection.
    struct Waiter {
        let submission: Submission
        /// When name, connection and TLS have to be there.
        let connectBy: ContinuousClock.Instant
        /// See ``Transfer/detours``.
        var detours = 0
    }

    /// What a lookup thread reports.
    struct Report: Sendable {
        let host: String
        let result: Result<[HostAddress], HostLookupError>
    }

    typealias ID = TransferQueue<Submission>.ID

    private let configuration: CurlConfiguration
    private let inbox: TransferInbox
    private var cache: NameCache<Waiter>

    init(_ configuration: CurlConfiguration, inbox: TransferInbox) {
        self.configuration = configuration
        self.inbox = inbox
        cache = NameCache(
            limits: NameCache.Limits(
                freshFor: configuration.nameLifetime,
                staleFor: configuration.nameStaleness,
                maximumLookups: Self.maximumLookups,
                // All that are active: who is refused here would make way for the next one in the queue, to be refused too.
                maximumWaiters: configuration.maximumActive
            )
        )
    }

    /// When somebody has waited for long enough next.
    var nextEnd: ContinuousClock.Instant? { cache.nextEnd }

    /// How `waiter` gets to its connection; nil where it has to wait until ``learn(_:now:)`` or ``overdue(now:)`` hands it
    /// back.
    ///
    /// - Throws: ``TransportError`` when the name is not even looked up.
    mutating func path(
        for waiter: Waiter,
        as id: ID,
        now: ContinuousClock.Instant
    ) throws(TransportError) -> ConnectionPath? {
        let target = configuration.hop(toward: waiter.submission.request.url)
        let (answer, startsLookup) = cache.ask(
            target.host,
            port: target.port,
            waiter: waiter,
            as: id,
            until: waiter.connectBy,
            now: now
        )
        if startsLookup { start(target.host, now: now) }
        let timeLeft = now.duration(to: waiter.connectBy)
        let isShort = timeLeft < configuration.connectTimeout
        switch answer {
        case .known(let give): return ConnectionPath(addresses: .known(give: give), timeLeft: isShort ? timeLeft : nil)
        case .literal: return ConnectionPath(addresses: .literal, timeLeft: nil)
        case .wait: return nil
        case .refused(let refusal): throw Self.error(target.host, refusal.words)
        }
    }

    /// libcurl has been given `addresses` for the connection of `request`.
    mutating func noteGiven(_ addresses: [HostAddress], for request: UpstreamRequest) {
        let target = configuration.hop(toward: request.url)
        cache.noteGiven(addresses, host: target.host, port: target.port)
    }

    /// Hands back who waited for this lookup, and why it failed, if it did.
    mutating func learn(
        _ report: Report,
        now: ContinuousClock.Instant
    ) -> (waiters: [(id: ID, waiter: Waiter)], error: TransportError?) {
        switch report.result {
        case .success(let addresses):
            let waiters = cache.learn(addresses, of: report.host, now: now)
            return (waiters, addresses.isEmpty ? Self.error(report.host, "it has no address") : nil)
        case .failure(let failure):
            return (cache.learn(nil, of: report.host, now: now), Self.error(report.host, failure.detail))
        }
    }

    /// Who has waited for as long as connecting may take.
    mutating func overdue(now: ContinuousClock.Instant) -> [(id: ID, waiter: Waiter, error: TransportError)] {
        cache.overdue(now: now).map { id, waiter in
            let host = configuration.hop(toward: waiter.submission.request.url).host
            return (id, waiter, Self.error(host, "no answer within the connect timeout"))
        }
    }

    mutating func cancel(_ id: ID) -> Waiter? { cache.cancel(id) }

    /// The thread may outlive the transfer thread: it holds the inbox and nothing else, and its report is then left there.
    private mutating func start(_ host: String, now: ContinuousClock.Instant) {
        let code = DetachedThread.start { [inbox, lookup = configuration.lookup] in
            inbox.report(Report(host: host, result: lookup(host)))
        }
        guard code != 0 else { return }
        inbox.report(Report(host: host, result: .failure(HostLookupError(detail: "no thread for the lookup"))))
    }

    /// The host is the operator's own, so that its name may be in a log.
    private static func error(_ host: String, _ reason: String) -> TransportError {
        TransportError(
            .nameNotResolved,
            delivery: .notSent,
            detail: "the name \(host) could not be resolved: \(reason)"
        )
    }
}

extension NameCache.Refusal {
    fileprivate var words: String {
        switch self {
        case .tooManyLookups: "too many lookups are under way"
        case .tooManyWaiters: "too many transfers wait for a name"
        }
    }
}

extension CurlConfiguration {
    /// The proxy for `url`, if there is one.
    ///
    /// It is for TLS that goes end to end. Plain http goes to this machine and to the endpoints of managed identities, on this
    /// machine or beside it, whose answers are for nobody else; and no proxy leads to a link-local address (RFC 3927 §2.7).
    func proxy(for url: UpstreamURL) -> UpstreamURL? {
        guard let proxy, url.isSecure, !UpstreamURL.isLoopback(url.host), !UpstreamURL.isLinkLocal(url.host) else {
            return nil
        }
        return proxy
    }

    /// Where the connection for `url` goes.
    func hop(toward url: UpstreamURL) -> UpstreamURL { proxy(for: url) ?? url }
}
