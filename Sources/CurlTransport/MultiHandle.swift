import CCurl

/// Owns the `CURLM`: the connections, their caches and the transfers on them. One thread's own.
@safe
final class MultiHandle {
    private let pointer: UnsafeMutableRawPointer
    private var isOpen = true
    /// Those of its connections; they tell of their end until the handle is closed.
    let sockets = OpenSockets()

    /// - Throws: ``CurlTransportError/cannotStart(detail:)``.
    init(configuration: CurlConfiguration) throws(CurlTransportError) {
        guard let pointer = unsafe curl_multi_init() else { throw .cannotStart(detail: "curl_multi_init failed") }
        unsafe self.pointer = unsafe pointer
        let limits: [(CURLMoption, Int)] = [
            (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            (CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost),
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumTotalConnections),
            (CURLMOPT_MAXCONNECTS, configuration.maximumTotalConnections),
        ]
        for (option, value) in limits {
            let code = unsafe ccurl_multi_setopt_long(pointer, option, value)
            guard code == CURLM_OK else { throw .cannotStart(detail: Self.words(for: code)) }
        }
    }

    deinit { close() }

    /// Closes all connections. Nothing may be asked of it afterwards, and no easy handle may be on it.
    func close() {
        if isOpen { _ = unsafe curl_multi_cleanup(pointer) }
        isOpen = false
    }

    /// For the inbox; it must be out of use before the handle is closed.
    var waker: MultiWaker { unsafe MultiWaker(pointer: pointer) }

    func add(_ easy: EasyHandle) -> CURLMcode { unsafe curl_multi_add_handle(pointer, easy.pointer) }

    /// Ends its transfer, if it has not ended: its HTTP/2 stream is reset, its HTTP/1.1 connection closed.
    func remove(_ easy: EasyHandle) { _ = unsafe curl_multi_remove_handle(pointer, easy.pointer) }

    /// Lets all transfers go as far as they can without waiting.
    func perform() -> CURLMcode {
        var running: Int32 = 0
        return unsafe curl_multi_perform(pointer, &running)
    }

    /// The next transfer that ended, with libcurl's result.
    func nextDone() -> (transfer: Transfer, code: CURLcode)? {
        var easy: UnsafeMutableRawPointer?
        var code = CURLE_OK
        guard unsafe ccurl_multi_next_done(pointer, &easy, &code), let easy = unsafe easy else { return nil }
        var context: UnsafeMutableRawPointer?
        _ = unsafe ccurl_getinfo_pointer(easy, CURLINFO_PRIVATE, &context)
        return unsafe (Transfer.from(context!), code)
    }

    /// Waits for a socket, libcurl's own timers, a wake-up, or `patience`.
    func poll(patience: Duration) -> CURLMcode {
        let milliseconds = patience > .zero ? min(patience.wholeMilliseconds + 1, 60_000) : 0
        return unsafe curl_multi_poll(pointer, nil, 0, Int32(milliseconds), nil)
    }

    static func words(for code: CURLMcode) -> String { unsafe String(cString: curl_multi_strerror(code)) }
}

// One thread's own: see above.
@available(*, unavailable)
extension MultiHandle: Sendable {}

/// The one thing that another thread may do to a multi handle (<https://curl.se/libcurl/c/curl_multi_wakeup.html>).
///
/// Unchecked: `curl_multi_wakeup` is documented as safe from any thread while the handle lives, and the inbox, which holds
/// the only copy, uses it and takes it away under one lock, before the handle dies.
@safe
struct MultiWaker: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    init(pointer: UnsafeMutableRawPointer) { unsafe self.pointer = unsafe pointer }

    func wake() { _ = unsafe curl_multi_wakeup(pointer) }
}
