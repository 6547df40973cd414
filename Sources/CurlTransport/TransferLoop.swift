import CCurl
import Glibc
import Threads
import Transport

/// The one thread that owns the multi handle and every transfer on it.
final class TransferLoop {
    private let inbox: TransferInbox
    private let configuration: CurlConfiguration
    private let multi: MultiHandle
    private var pool: EasyPool
    private var names: NameLookup
    private var live: [TransferQueue<Submission>.ID: Transfer] = [:]

    /// Starts the thread. It runs until the inbox is stopped and empty.
    ///
    /// - Throws: ``CurlTransportError/cannotStart(detail:)``.
    static func start(_ configuration: CurlConfiguration) throws(CurlTransportError) -> TransferInbox {
        let multi = try MultiHandle(configuration: configuration)
        let pool = try tried(configuration, sockets: multi.sockets)
        let inbox = TransferInbox(configuration: configuration, waker: multi.waker)
        // The loop goes over to the new thread as a whole: nobody here keeps it, so it has one owner at any time.
        let loop = TransferLoop(configuration, inbox: inbox, multi: multi, pool: pool)
        let code = DetachedThread.start { loop.run() }
        guard code == 0 else { throw .cannotStart(detail: unsafe String(cString: strerror(code))) }
        return inbox
    }

    private init(_ configuration: CurlConfiguration, inbox: TransferInbox, multi: MultiHandle, pool: consuming EasyPool)
    {
        self.configuration = configuration
        self.inbox = inbox
        self.multi = multi
        self.pool = pool
        names = NameLookup(configuration, inbox: inbox)
    }

    /// A pool that holds a handle, on which all defaults were tried: a libcurl that lacks one of them is refused at the start.
    private static func tried(
        _ configuration: CurlConfiguration,
        sockets: OpenSockets
    ) throws(CurlTransportError) -> EasyPool {
        var pool = EasyPool(configuration: configuration, sockets: sockets)
        do throws(TransportError) {
            let handle = try pool.take()
            handle.applyDefaults(configuration)
            try handle.checkOptions()
            pool.giveBack(handle)
        } catch {
            throw .cannotStart(detail: error.detail)
        }
        return pool
    }

    /// The life of the thread.
    private func run() {
        DetachedThread.blockSignals()
        // Without a name of its own it would have that of the thread that started it.
        unsafe ccurl_name_this_thread("transfers")
        while turn() {}
        inbox.retireWaker()
        pool.empty()
        multi.close()
        inbox.announceEnd()
    }

    /// One turn. Returns whether there will be another.
    private func turn() -> Bool {
        let now = ContinuousClock.now
        let mail = inbox.drain(now: now)
        let orders = mail.orders
        for done in mail.turnWatchers { done() }
        for (submission, ending) in orders.end { submission.continuation.resume(returning: .failure(ending.error)) }
        for (id, ending) in orders.detach { detach(id, ending) }
        for report in mail.reports { learn(report, now: now) }
        for (id, waiter, error) in names.overdue(now: now) { refuse(waiter.submission, as: id, error) }
        for (id, submission) in orders.attach {
            let waiter = NameLookup.Waiter(submission: submission, connectBy: now + configuration.connectTimeout)
            attach(waiter, as: id, now: now)
        }
        if orders.isOver { return false }
        let code = multi.perform()
        multi.sockets.sendHeldBack()
        if code != CURLM_OK { failAll(code) }
        while let (transfer, code) = multi.nextDone() { complete(transfer, code) }
        let mayHaveForgotten = multi.sockets.takeNews() || !orders.attach.isEmpty
        let sleep = mayHaveForgotten ? Self.shortSleep : Self.longestSleep
        let patience = inbox.patience(until: names.nextEnd)
        _ = multi.poll(patience: live.isEmpty ? patience : min(patience, sleep))
        return true
    }

    /// libcurl 7.88 forgets transfers that are to go on at once. It marks them with a timer that has run out already, and at the
    /// end of `curl_multi_perform` drops all timers that have; the moment that it compares with was taken at the beginning, but is
    /// taken anew whenever a transfer looks for a connection (`nowp` in `MSTATE_CONNECT`). A transfer whose answer another one has
    /// read from their connection, and that had its turn before, then waits for something to happen on a socket: at latest for its
    /// deadline. Every turn gives every transfer a chance, so after one in which one looked for a connection the next follows soon,
    /// though not at once, since under load something happens sooner anyway; and while there are transfers none is long in coming.
    private static let longestSleep = Duration.milliseconds(50)
    private static let shortSleep = Duration.milliseconds(1)

    private func learn(_ report: NameLookup.Report, now: ContinuousClock.Instant) {
        let (waiters, error) = names.learn(report, now: now)
        for (id, waiter) in waiters {
            if let error { refuse(waiter.submission, as: id, error) } else { attach(waiter, as: id, now: now) }
        }
    }

    /// Gives a transfer to libcurl, or leaves it to wait for a name.
    private func attach(_ waiter: NameLookup.Waiter, as id: TransferQueue<Submission>.ID, now: ContinuousClock.Instant)
    {
        let submission = waiter.submission
        do throws(TransportError) {
            guard let path = try names.path(for: waiter, as: id, now: now) else { return }
            let easy = try pool.take()
            try easy.prepare(submission.request, by: path, configuration: configuration)
            if waiter.detours == Self.maximumDetours { easy.insistOnNewConnection() }
            let transfer = Transfer(submission, id: id, easy: easy, inbox: inbox, detours: waiter.detours)
            transfer.lend()
            let code = multi.add(easy)
            guard code == CURLM_OK else {
                transfer.takeBack()
                throw transfer.error(.internal, MultiHandle.words(for: code))
            }
            live[id] = transfer
            // libcurl takes them over in this turn's `perform`, before it looks for a connection of this transfer or a later one.
            if case .known(let addresses?) = path.addresses { names.noteGiven(addresses, for: submission.request) }
        } catch {
            refuse(submission, as: id, error)
        }
    }

    /// Ends what libcurl does not have.
    private func refuse(_ submission: Submission, as id: TransferQueue<Submission>.ID, _ error: TransportError) {
        inbox.finish(id)
        submission.continuation.resume(returning: .failure(error))
    }

    private func complete(_ transfer: Transfer, _ code: CURLcode) {
        let outcome = transfer.outcome(of: code)
        release(transfer)
        if transfer.metUselessConnection, transfer.detours < Self.maximumDetours { return attachAgain(transfer) }
        inbox.finish(transfer.id)
        // A handle that libcurl has sent a request with more than once remembers it (`retrycount` and `refused_stream` of 7.88).
        if case .success = outcome, transfer.sendGuard.attempts == 1 { pool.giveBack(transfer.easy) }
        transfer.end(outcome)
    }

    /// Connections that turn out to be of no use are left behind, one for each detour; then a new one is made.
    private static let maximumDetours = 3

    /// Nothing of the request was written. It goes on as if it came anew, in the same place of the queue.
    private func attachAgain(_ transfer: Transfer) {
        let now = ContinuousClock.now
        let waiter = NameLookup.Waiter(
            submission: transfer.submission,
            connectBy: now + configuration.connectTimeout,
            detours: transfer.detours + 1
        )
        attach(waiter, as: transfer.id, now: now)
    }

    /// The queue has forgotten the transfer with its order.
    private func detach(_ id: TransferQueue<Submission>.ID, _ ending: TransferQueue<Submission>.Ending) {
        guard let transfer = live[id] else {
            names.cancel(id)?.submission.continuation.resume(returning: .failure(ending.error))
            return
        }
        let outcome = transfer.outcome(of: ending)
        if ending == .timedOut { transfer.condemnConnection() }
        release(transfer)
        transfer.end(outcome)
    }

    /// The multi handle itself is out of order.
    private func failAll(_ code: CURLMcode) {
        for transfer in live.values {
            let error = transfer.error(.internal, MultiHandle.words(for: code))
            release(transfer)
            inbox.finish(transfer.id)
            transfer.end(.failure(error))
        }
    }

    /// Out of the multi handle first, then the lists with their secrets, then libcurl's reference.
    private func release(_ transfer: Transfer) {
        multi.remove(transfer.easy)
        transfer.easy.dropLists()
        live[transfer.id] = nil
        transfer.takeBack()
    }
}

// One owner, first the starter, then the thread.
@available(*, unavailable)
extension TransferLoop: Sendable {}
