import CurlTransport
import Explanations
import Transport

/// The addresses of an upstream's host, or of the proxy on the way to it.
struct NameStep: DoctorStep {
    let upstream: CaseFile.Upstream

    var id: StepID { upstream == .issuer ? .issuerName : .graphName }

    func examine(_ file: inout CaseFile) async -> Finding {
        let url = upstream.url(file)
        let host = file.tools.probe.hop(toward: url).host
        let isProxied = file.tools.probe.usesProxy(for: url)
        switch await file.tools.probe.addresses(toward: url) {
        case .success(let addresses) where !addresses.isEmpty:
            file.addresses[upstream] = addresses
            return Finding(id, .passed, summary(host, addresses, isProxied: isProxied))
        case .success:
            return failure(host, "it has no address", isProxied: isProxied, file)
        case .failure(let error):
            return failure(host, error.detail, isProxied: isProxied, file)
        }
    }

    private func summary(_ host: String, _ addresses: [HostAddress], isProxied: Bool) -> String {
        let name = isProxied ? "the proxy \(host)" : host
        if addresses.count == 1, "\(addresses[0])" == host || "[\(addresses[0])]" == host {
            return "\(name) is an address itself"
        }
        let shown = addresses.prefix(3).map(\.description).joined(separator: ", ")
        return "\(name) is \(shown)" + (addresses.count > 3 ? " and \(addresses.count - 3) more" : "")
    }

    private func failure(_ host: String, _ reason: String, isProxied: Bool, _ file: CaseFile) -> Finding {
        let setting = isProxied ? "UPSTREAM_PROXY" : upstream.setting(file)
        var finding = Finding(id, .failed, "the name \(host) has no address here: \(reason)")
        finding.advice = [
            Advice(
                "The resolver of this machine, or of this container, does not know the name or does not answer.",
                .network,
                "See whether \(setting) is spelt right, and try `getent hosts \(host)` on the same machine. A network that lets nothing out but through a proxy needs UPSTREAM_PROXY."
            )
        ]
        return finding
    }
}
