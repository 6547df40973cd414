import CCurl
import Glibc
import Transport

/// The one thread that owns the multi handle and every transfer on it.
final class TransferLoop {
    private let inbox: TransferInbox
    private let configuration: CurlConfiguration
    private let multi: MultiHandle
    private var pool: EasyPool
    private var live: [TransferQueue<Submission>.ID: Transfer] = [:]

    /// Starts the thread. It runs until the inbox is stopped and empty.
    ///
    /// - Throws: ``CurlTransportError/cannotStart(detail:)``.
    static func start(_ configuration: CurlConfiguration) throws(CurlTransportError) -> TransferInbox {
        let multi = try MultiHandle(configuration: configuration)
        let pool = try tried(configuration)
        let inbox = TransferInbox(configuration: configuration, waker: multi.waker)
        let loop = TransferLoop(configuration, inbox: inbox, multi: multi, pool: pool)
        try loop.startThread()
        return inbox
    }

    private init(_ configuration: CurlConfiguration, inbox: TransferInbox, multi: MultiHandle, pool: consuming EasyPool)
    {
        self.configuration = configuration
        self.inbox = inbox
        self.multi = multi
        self.pool = pool
    }

    /// A pool that holds a handle, on which all defaults were tried: a libcurl that lacks one of them is refused at the start.
    private static func tried(_ configuration: CurlConfiguration) throws(CurlTransportError) -> EasyPool {
        var pool = EasyPool(configuration: configuration)
        do throws(TransportError) {
            pool.giveBack(try pool.take())
        } catch {
            throw .cannotStart(detail: error.detail)
        }
        return pool
    }

    /// The loop goes over to the new thread as a whole: nobody here keeps it, so it has one owner at any time.
    private func startThread() throws(CurlTransportError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, &attributes, runTransferLoop, context)
        guard code == 0 else {
            unsafe Unmanaged<TransferLoop>.fromOpaque(context).release()
            throw .cannotStart(detail: unsafe String(cString: strerror(code)))
        }
    }

    /// The life of the thread.
    fileprivate func run() {
        Self.blockSignals()
        while turn() {}
        inbox.retireWaker()
        pool.empty()
        multi.close()
        inbox.announceEnd()
    }

    /// One turn. Returns whether there will be another.
    private func turn() -> Bool {
        let orders = inbox.drain()
        for (submission, ending) in orders.end { submission.continuation.resume(returning: .failure(ending.error)) }
        for (id, ending) in orders.detach { detach(id, ending) }
        for (id, submission) in orders.attach { attach(submission, as: id) }
        if orders.isOver { return false }
        let code = multi.perform()
        if code != CURLM_OK { failAll(code) }
        while let (transfer, code) = multi.nextDone() { complete(transfer, code) }
        _ = multi.poll(patience: inbox.patience())
        return true
    }

    private func attach(_ submission: Submission, as id: TransferQueue<Submission>.ID) {
        do throws(TransportError) {
            let easy = try pool.take()
            try easy.prepare(submission.request, configuration: configuration)
            let transfer = Transfer(submission, id: id, easy: easy)
            transfer.lend()
            let code = multi.add(easy)
            guard code == CURLM_OK else {
                transfer.takeBack()
                throw transfer.error(.internal, MultiHandle.words(for: code))
            }
            live[id] = transfer
        } catch {
            inbox.finish(id)
            submission.continuation.resume(returning: .failure(error))
        }
    }

    private func complete(_ transfer: Transfer, _ code: CURLcode) {
        let outcome = transfer.outcome(of: code)
        release(transfer)
        inbox.finish(transfer.id)
        if case .success = outcome { pool.giveBack(transfer.easy) }
        transfer.end(outcome)
    }

    /// The queue has forgotten the transfer with its order.
    private func detach(_ id: TransferQueue<Submission>.ID, _ ending: TransferQueue<Submission>.Ending) {
        guard let transfer = live[id] else { return }
        let outcome = transfer.outcome(of: ending)
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

    /// Out of the multi handle first, then the header list with its secrets, then libcurl's reference.
    private func release(_ transfer: Transfer) {
        multi.remove(transfer.easy)
        transfer.easy.dropHeaders()
        live[transfer.id] = nil
        transfer.takeBack()
    }

    /// Signals are for the process's other threads. Above all SIGPIPE, which a write of OpenSSL's may raise; the name-lookup
    /// threads inherit this. Those that tell of a fault in this very thread stay.
    private static func blockSignals() {
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { unsafe sigdelset(&signals, fault) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

// One owner, first the starter, then the thread.
@available(*, unavailable)
extension TransferLoop: Sendable {}

/// The thread's entry. It takes the reference that `startThread` made.
private let runTransferLoop: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
