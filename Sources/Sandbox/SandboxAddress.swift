/// Where a running sandbox is found.
package struct SandboxAddress: Sendable, Hashable {
    package let scheme: String
    /// The name that is announced.
    package let host: String
    package let port: Int
    /// All names and addresses that are known to lead here, the announced one included.
    package let names: [String]
    /// The certificate of the authority to trust, where TLS is spoken.
    package let certificatePath: String?

    init(scheme: String, host: String, port: Int, names: [String] = [], certificatePath: String? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.names = names.contains(host) ? names : [host] + names
        self.certificatePath = certificatePath
    }

    /// The origin, for example `https://localhost:8443`: what the gateway takes as the authority host.
    package var baseURL: String { origin(of: host) }

    /// The root of Graph beta: what the gateway takes as `GRAPH_BASE_URL`.
    package var graphURL: String { baseURL + "/beta" }

    /// Host and port as they stand in a URL.
    var authority: String { authority(of: host) }

    /// The origin under one of the names.
    func origin(of name: String) -> String { "\(scheme)://\(authority(of: name))" }

    /// Host and port under one of the names, as they stand in a URL.
    func authority(of name: String) -> String {
        let host = name.contains(":") ? "[\(name)]" : name
        // RFC 3986 §6.2.3: the scheme's own port is left out.
        return port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)"
    }
}
