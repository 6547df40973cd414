import Transport

/// Idle easy handles, so that a transfer need not make one. Used by the transfer thread only.
struct EasyPool: ~Copyable {
    private let capacity: Int
    private let sockets: OpenSockets
    private var idle: [EasyHandle] = []

    init(configuration: CurlConfiguration, sockets: OpenSockets) {
        capacity = configuration.maximumActive
        self.sockets = sockets
    }

    /// A handle, with whatever options it had last.
    ///
    /// - Throws: ``TransportError`` of kind `internal` when there is no memory for one.
    mutating func take() throws(TransportError) -> EasyHandle {
        if let last = idle.popLast() { last } else { try EasyHandle(sockets: sockets) }
    }

    /// Takes back a handle whose transfer went well. After a failure let it go instead: libcurl keeps more of a failed
    /// attempt than `curl_easy_reset` clears (<https://github.com/curl/curl/issues/17139>).
    mutating func giveBack(_ handle: EasyHandle) {
        // At once, so that no secret waits in an idle handle.
        handle.forgetRequest()
        if idle.count < capacity { idle.append(handle) }
    }

    mutating func empty() { idle = [] }
}
