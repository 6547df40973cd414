/// Where a running sandbox is found.
package struct SandboxAddress: Sendable, Hashable {
    package let scheme: String
    package let host: String
    package let port: Int

    /// The origin, for example `http://127.0.0.1:8090`: what the gateway takes as the authority host.
    package var baseURL: String { "\(scheme)://\(authority)" }

    /// The root of Graph beta: what the gateway takes as `GRAPH_BASE_URL`.
    package var graphURL: String { baseURL + "/beta" }

    /// Host and port as they stand in a URL.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
