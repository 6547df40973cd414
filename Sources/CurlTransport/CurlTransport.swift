import ServiceLifecycle
package import Transport

/// Carries requests with libcurl: HTTP/2 over TLS, on connections that are kept and shared.
///
/// All transfers run on one thread of its own. A request whose repetition is `.never` is sent at most once, whatever
/// happens to its connection; redirects are not followed; a proxy is used only when the configuration names it.
/// Dropping the transport stops it as ``shutDown()`` does, without waiting.
package final class CurlTransport: HTTPTransport, Service {
    private let inbox: TransferInbox

    /// Starts the thread. Nothing is connected yet.
    ///
    /// - Throws: ``CurlTransportError`` when libcurl is too old or lacks something, when the file of extra trust cannot be
    ///   used, or when the system gives no thread.
    package init(configuration: CurlConfiguration = CurlConfiguration()) throws(CurlTransportError) {
        try Self.checkEnvironment(configuration)
        inbox = try TransferLoop.start(configuration)
    }

    /// Starts libcurl, and looks whether it can work with `configuration`.
    static func checkEnvironment(_ configuration: CurlConfiguration) throws(CurlTransportError) {
        try CurlLibrary.start()
        if let path = configuration.certificateAuthoritiesPath,
            let reason = CurlLibrary.faultOfExtraTrust(at: path)
        {
            throw .certificateAuthorities(path: path, reason: reason)
        }
    }

    deinit { inbox.stop() }

    /// See ``HTTPTransport/execute(_:)``. After the stop it throws ``TransportError/Kind/unavailable``.
    package func execute(_ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        let id = inbox.reserve()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.submit(Submission(request: request, continuation: continuation), as: id)
            }
        } onCancel: {
            inbox.cancel(id)
        }
        return try result.get()
    }

    /// Waits for graceful shutdown, or for its task to be cancelled, then does ``shutDown()``.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Accepts no more requests, lets those in flight finish, each until its deadline at most, and ends the thread and all
    /// connections. Returns when that is done; calling it again is harmless.
    package func shutDown() async {
        inbox.stop()
        await inbox.ended()
    }

    /// The version of the libcurl that this process runs with, as `7.88.1`.
    package static var libraryVersion: String { CurlLibrary.loaded().version }
    /// Has the thread that carries all transfers call `done` in its next turn; once it has ended in order, at once.
    package func watchNextTurn(_ done: @escaping @Sendable () -> Void) { inbox.watchNextTurn(done) }

    /// Requests that are not over, waiting ones included.
    package var unfinishedCount: Int { inbox.count }
}
