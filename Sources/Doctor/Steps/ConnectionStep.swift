import CurlTransport
import Explanations
import Transport

/// A TCP connection to an upstream, through the proxy where there is one.
struct ConnectionStep: DoctorStep {
    let upstream: CaseFile.Upstream

    var id: StepID { upstream == .issuer ? .issuerConnection : .graphConnection }

    func examine(_ file: inout CaseFile) async -> Finding {
        let url = upstream.url(file)
        let hop = file.tools.probe.hop(toward: url)
        let isProxied = file.tools.probe.usesProxy(for: url)
        let findings = await file.tools.probe.connect(to: url, at: file.addresses[upstream] ?? [])
        file.connections[upstream] = findings
        let place = (isProxied ? "through the proxy " : "") + "\(findings.address ?? hop.host):\(hop.port)"
        switch findings.failure?.stage {
        case nil, .trust?:
            let time = findings.connectedAfter.map { " in \($0.shown)" } ?? ""
            return Finding(id, .passed, "\(place)\(time)")
        case .connecting?:
            var finding = Finding(id, .failed, "no connection to \(hop.host):\(hop.port)")
            finding.note("libcurl", findings.failure?.detail)
            finding.advice = [unreachable(hop, isProxied: isProxied, file)]
            return finding
        case .silentProxy?:
            var finding = Finding(
                id,
                .failed,
                "the proxy \(hop.host):\(hop.port) took the connection and did not answer"
            )
            finding.note("libcurl", findings.failure?.detail)
            finding.advice = [
                Advice(
                    "Most often the proxy does not reach \(url.host):\(url.port) and is still trying.",
                    .network,
                    "Have CONNECT to \(url.host):\(url.port) allowed on the proxy and behind it. If what listens there is no proxy, correct UPSTREAM_PROXY."
                )
            ]
            return finding
        case .proxy(let status)?:
            let answer = status.map { "answered \($0)" } ?? "did not answer as a proxy does"
            var finding = Finding(id, .failed, "the proxy \(hop.host):\(hop.port) \(answer)")
            finding.note("libcurl", findings.failure?.detail)
            finding.advice = [refused(by: hop, status, toward: url)]
            return finding
        }
    }

    private func unreachable(_ hop: UpstreamURL, isProxied: Bool, _ file: CaseFile) -> Advice {
        if isProxied {
            return Advice(
                "The proxy of UPSTREAM_PROXY does not take connections from here.",
                .network,
                "Correct its host and port in UPSTREAM_PROXY, or start it. Without the setting the gateway connects directly."
            )
        }
        if case (.issuer, .managedIdentity) = (upstream, file.subject.issuer) {
            return Advice(
                "Nothing answers at the platform's endpoint for managed identities: this machine has none, or the container may not reach it.",
                .operator,
                "Run the gateway where a managed identity is assigned, or choose another credential with AZURE_CREDENTIAL."
            )
        }
        return Advice(
            "Nothing there takes the connection: a firewall drops or rejects it, or the port is wrong.",
            .network,
            "Open the firewall for \(hop.host):\(hop.port). A network that lets nothing out but through a proxy needs UPSTREAM_PROXY."
        )
    }

    private func refused(by proxy: UpstreamURL, _ status: Int?, toward url: UpstreamURL) -> Advice {
        switch status {
        case 407:
            Advice(
                "The proxy wants a name and a password, which the gateway has none of.",
                .network,
                "Let this machine through without them, for \(url.host):\(url.port)."
            )
        case nil:
            Advice(
                "What listens there is no HTTP proxy.",
                .operator,
                "Correct host and port in UPSTREAM_PROXY; only plain http to the proxy is spoken."
            )
        default:
            Advice(
                "The proxy does not make the way to \(url.host):\(url.port).",
                .network,
                "Have CONNECT to \(url.host):\(url.port) allowed on the proxy \(proxy.host)."
            )
        }
    }
}
