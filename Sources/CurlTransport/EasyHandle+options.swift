import CCurl
import Transport

extension EasyHandle {
    /// Every option that does not depend on the request: all safety defaults are here.
    ///
    /// Cookies, netrc, alt-svc, HSTS, HTTP authentication and compressed answers need an option to be switched on, which
    /// nobody sets (<https://curl.se/libcurl/c/curl_easy_setopt.html>).
    func applyDefaults(_ configuration: CurlConfiguration) {
        useErrorBuffer()
        setSafety()
        setTrust(configuration)
        setConnections(configuration)
        // For bodies of some hundred bytes; 64 KB by default, for each transfer. The buffer for answers stays as it is: with a
        // smaller one, HTTP/2 transfers of libcurl 7.88 stall now and then.
        set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        unsafe setFunction(CURLOPT_HEADERFUNCTION, receiveHeaderLine)
        unsafe setFunction(CURLOPT_WRITEFUNCTION, receiveBody)
        unsafe setPrerequisite(beginRequest)
    }

    private func setSafety() {
        // Signals would be the whole process's affair. The thread blocks SIGPIPE, which libcurl leaves to us then.
        set(CURLOPT_NOSIGNAL, true)
        // A redirect would carry the access token to where the answer says.
        set(CURLOPT_FOLLOWLOCATION, false)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        // The path is sent as the program wrote it.
        set(CURLOPT_PATH_AS_IS, true)
        set(CURLOPT_HTTP09_ALLOWED, false)
        set(CURLOPT_HTTP_CONTENT_DECODING, false)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        // Names are looked up by NameLookup alone, whose threads are counted. Should libcurl have one to look up after all, the
        // transfer fails; and one that hung would be left to its thread, instead of being waited for when its transfer ends.
        unsafe setResolverStart(refuseLookup)
        set(CURLOPT_QUICK_EXIT, true)
    }

    private func setTrust(_ configuration: CurlConfiguration) {
        set(CURLOPT_SSL_VERIFYPEER, true)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_PROXY_SSL_VERIFYPEER, true)
        set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // In the place of the built-in file; the built-in directory stays (see CurlLibrary). It is read for each new
        // connection, so that a file that is replaced counts at once.
        if let path = configuration.certificateAuthoritiesPath {
            set(CURLOPT_CAINFO, path)
            set(CURLOPT_PROXY_CAINFO, path)
        }
    }

    private func setConnections(_ configuration: CurlConfiguration) {
        // Rather a stream on a connection that is being made than one more connection.
        set(CURLOPT_PIPEWAIT, true)
        // The request's deadline is the queue's business: it also covers waiting for a connection, which libcurl's total
        // timeout (7.88) does not.
        set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
        set(CURLOPT_MAXLIFETIME_CONN, configuration.maximumLifetime.wholeSeconds)
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 15)
        unsafe setSocketFunctions(opened: socketOpened, closed: closeSocket)
        // An empty list, so that the no_proxy variable is not looked at.
        set(CURLOPT_NOPROXY, "")
    }
}

extension Duration {
    /// At least 1: for libcurl's options 0 means "no limit" or "the default".
    var wholeSeconds: Int { max(1, Int(components.seconds)) }

    /// At least 1, for the same reason.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1 << 31 else { return 1 << 31 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
