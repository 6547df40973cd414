import CCurl
import HTTPTypes
import Transport

/// One blocking look at a connection, with an easy handle and no multi handle of ours.
enum ProbingHandle {
    /// First the connection alone, then the whole way: libcurl 7.88 does not tell after a failure how far it came.
    ///
    /// - Throws: ``TransportError`` of kind `internal` when libcurl cannot even begin.
    static func findings(
        of url: UpstreamURL,
        at addresses: [HostAddress],
        configuration: CurlConfiguration
    ) throws(TransportError) -> ConnectionFindings {
        var findings = try look(at: bare(configuration.hop(toward: url)), addresses, configuration)
        guard findings.failure == nil, url.isSecure else { return findings }
        let whole = try look(at: url, addresses, configuration)
        (findings.failure, findings.securedAfter, findings.chain) = (whole.failure, whole.securedAfter, whole.chain)
        // OpenSSL gives up before the chain can be read. Another look, which trusts anybody and says nothing, tells whom it met.
        if case .trust? = whole.failure?.stage, whole.chain.isEmpty {
            findings.chain = (try? look(at: url, addresses, configuration, verifies: false))?.chain ?? []
        }
        return findings
    }

    /// The same host and port without TLS: a connection, through which nothing is said.
    private static func bare(_ url: UpstreamURL) throws(TransportError) -> UpstreamURL {
        do throws(UpstreamURLError) {
            return try UpstreamURL("http://\(url.host):\(url.port)", allowingPlainHTTP: true)
        } catch {
            throw TransportError(.internal, delivery: .notSent, detail: error.rawValue)
        }
    }

    private static func look(
        at url: UpstreamURL,
        _ addresses: [HostAddress],
        _ configuration: CurlConfiguration,
        verifies: Bool = true
    ) throws(TransportError) -> ConnectionFindings {
        // The handle's own connection ends with it, and tells the sockets, which it keeps.
        let easy = try EasyHandle(sockets: OpenSockets())
        let request = UpstreamRequest(
            method: .get,
            url: url,
            repetition: .harmless,
            deadline: .now + ConnectionProbe.connectLimit
        )
        try easy.prepare(request, by: path(to: url, addresses, configuration), configuration: configuration)
        easy.beginProbing(limit: ConnectionProbe.connectLimit / 3, verifies: verifies)
        try easy.checkOptions()
        // Returns when TLS is up, or with a failure; within the limit (CURLOPT_CONNECT_ONLY(3)).
        let code = unsafe curl_easy_perform(easy.pointer)
        return easy.findings(code, of: url, isProxied: configuration.proxy(for: url) != nil)
    }

    /// Addresses are libcurl's to read where the host is one, and given to it where it is a name: it looks nothing up.
    private static func path(
        to url: UpstreamURL,
        _ addresses: [HostAddress],
        _ configuration: CurlConfiguration
    ) -> ConnectionPath {
        let host = configuration.hop(toward: url).host
        let isAddress = host.hasPrefix("[") || HostAddress(host) != nil
        return ConnectionPath(addresses: isAddress ? .literal : .known(give: addresses), timeLeft: nil)
    }
}

extension EasyHandle {
    /// Connect, and then end: nothing is written.
    fileprivate func beginProbing(limit: Duration, verifies: Bool) {
        set(CURLOPT_CONNECT_ONLY, true)
        set(CURLOPT_CERTINFO, true)
        set(CURLOPT_TIMEOUT_MS, limit.wholeMilliseconds)
        // The callbacks of real requests want a transfer. None of these is called while nothing is exchanged, but for a proxy's
        // answer; they ask for no context.
        unsafe setFunction(CURLOPT_HEADERFUNCTION, ignoreBytes)
        unsafe setFunction(CURLOPT_WRITEFUNCTION, ignoreBytes)
        unsafe setPrerequisite(allowRequest)
        guard !verifies else { return }
        set(CURLOPT_SSL_VERIFYPEER, false)
        set(CURLOPT_SSL_VERIFYHOST, 0)
    }

    fileprivate func findings(_ code: CURLcode, of url: UpstreamURL, isProxied: Bool) -> ConnectionFindings {
        guard code == CURLE_OK else {
            let detail = hasErrorText ? errorText : CurlCode.words(for: code)
            let stage = url.isSecure ? stage(of: code, isProxied: isProxied) : .connecting
            return ConnectionFindings(chain: certificates, failure: .init(stage, detail))
        }
        return ConnectionFindings(
            address: text(CURLINFO_PRIMARY_IP),
            connectedAfter: time(CURLINFO_CONNECT_TIME_T),
            securedAfter: url.isSecure ? time(CURLINFO_APPCONNECT_TIME_T) : nil,
            chain: certificates
        )
    }

    /// Of a look by TLS, to a host that takes connections.
    private func stage(of code: CURLcode, isProxied: Bool) -> ConnectionFindings.Stage {
        let status = number(CURLINFO_HTTP_CONNECTCODE)
        if isProxied, status / 100 != 2 {
            if status == 0, code == CURLE_OPERATION_TIMEDOUT { return .silentProxy }
            return .proxy(status: status == 0 ? nil : status)
        }
        return code == CURLE_COULDNT_CONNECT ? .connecting : .trust(trustFault(code))
    }

    /// By what OpenSSL says of the chain (X509_V_ERR_* of x509_vfy.h). libcurl itself compares the names.
    private func trustFault(_ code: CURLcode) -> ConnectionFindings.TrustFault {
        if code == CURLE_OPERATION_TIMEDOUT { return .silent }
        guard code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE else { return .handshake }
        switch number(CURLINFO_SSL_VERIFYRESULT) {
        // 1 stands for "not yet judged": the chain held, and then the name did not.
        case 0, 1, 62, 64: return .wrongName
        case 9, 13: return .notYetValid
        case 10, 14: return .expired
        case 2, 18, 19, 20, 21, 24: return .unknownAuthority
        default: return .rejected
        }
    }

    /// Printable text that libcurl keeps until the next use of the handle; it is copied here.
    private func text(_ info: CURLINFO) -> String? {
        var pointer: UnsafeMutableRawPointer?
        let code = unsafe ccurl_getinfo_pointer(self.pointer, info, &pointer)
        guard code == CURLE_OK, let pointer = unsafe pointer else { return nil }
        let text = unsafe String(cString: pointer.assumingMemoryBound(to: CChar.self))
        return text.isEmpty ? nil : text
    }

    /// CURLINFO_CERTINFO(3): a list of lines for each certificate, which are libcurl's until the next use of the handle.
    private var certificates: [ServerCertificate] {
        var pointer: UnsafeMutableRawPointer?
        let code = unsafe ccurl_getinfo_pointer(self.pointer, CURLINFO_CERTINFO, &pointer)
        guard code == CURLE_OK, let pointer = unsafe pointer else { return [] }
        // What this info points to is documented as a curl_certinfo, with as many lists as it says.
        let info = unsafe pointer.assumingMemoryBound(to: curl_certinfo.self).pointee
        var certificates: [ServerCertificate] = []
        for index in 0..<min(Int(unsafe info.num_of_certs), Self.longestChain) {
            var lines: [String] = []
            var next = unsafe info.certinfo[index]
            while let entry = unsafe next?.pointee {
                if let data = unsafe entry.data { lines.append(unsafe String(cString: data)) }
                unsafe next = unsafe entry.next
            }
            certificates.append(ServerCertificate(lines: lines))
        }
        return certificates
    }

    private static var longestChain: Int { 10 }
}

private let ignoreBytes: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    _,
    size,
    count,
    _ in
    size * count
}

private let allowRequest:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int32, Int32
    ) -> Int32 = { _, _, _, _, _ in CURL_PREREQFUNC_OK }
