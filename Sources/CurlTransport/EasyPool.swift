import Transport

/// Idle easy handles, so that a transfer need not make one. Used by the transfer thread only.
struct EasyPool: ~Copyable {
    private let configuration: CurlConfiguration
    private let capacity: Int
    private var idle: [EasyHandle] = []

    init(configuration: CurlConfiguration) {
        self.configuration = configuration
        capacity = configuration.maximumTotalConnections
    }

    /// A handle with all defaults set.
    ///
    /// - Throws: ``TransportError`` of kind `internal` when an option was refused.
    mutating func take() throws(TransportError) -> EasyHandle {
        let handle = if let last = idle.popLast() { last } else { try EasyHandle() }
        handle.applyDefaults(configuration)
        try handle.checkOptions()
        return handle
    }

    /// Takes back a handle whose transfer went well. After a failure let it go instead: libcurl keeps more of a failed
    /// attempt than `curl_easy_reset` clears (<https://github.com/curl/curl/issues/17139>).
    mutating func giveBack(_ handle: EasyHandle) {
        // Reset at once, so that no secret waits in an idle handle.
        handle.reset()
        if idle.count < capacity { idle.append(handle) }
    }

    mutating func empty() { idle = [] }
}
