import CurlTransport
import Explanations
import Transport

/// TLS with an upstream, and whose word its certificate is.
struct TrustStep: DoctorStep {
    /// An end that is this near is told.
    static let nearEnd = Duration.seconds(7 * 86400)

    let upstream: CaseFile.Upstream

    var id: StepID { upstream == .issuer ? .issuerTrust : .graphTrust }

    func examine(_ file: inout CaseFile) async -> Finding {
        let url = upstream.url(file)
        guard url.isSecure else { return Finding(id, .notNeeded, "plain http to \(url.host), without TLS") }
        guard let connection = file.connections[upstream] else { return Finding(id, .failed, "no connection") }
        guard case .trust(let fault)? = connection.failure?.stage else {
            return trusted(connection, now: file.tools.wallClock())
        }
        var finding = Finding(id, .failed, summary(fault, url, connection.chain))
        noteChain(connection.chain, in: &finding)
        finding.note("this machine's time", fault.isAboutTime ? file.tools.wallClock().rfc3339 : nil)
        finding.note("libcurl", connection.failure?.detail)
        finding.advice = [advice(fault, url, connection.chain, file)]
        return finding
    }

    private func trusted(_ connection: ConnectionFindings, now: Timestamp) -> Finding {
        guard let leaf = connection.chain.first else { return Finding(id, .passed, "TLS is up") }
        let left = leaf.notAfter.map { $0 - now }
        let days = left.map { ", \(max(0, Int($0.seconds / 86400))) days left" } ?? ""
        var finding = Finding(id, .passed, "\(leaf.shortSubject), issued by \(leaf.shortIssuer)\(days)")
        if let left, left < Self.nearEnd {
            finding.result = .warned
            finding.advice = [
                Advice(
                    "The server's certificate ends soon.",
                    .network,
                    "See to it that the server, or the proxy in its place, gets a new one."
                )
            ]
        }
        return finding
    }

    private func noteChain(_ chain: [ServerCertificate], in finding: inout Finding) {
        for (index, certificate) in chain.enumerated() {
            let place = index == 0 ? "certificate" : "authority \(index)"
            finding.note(place, certificate.subject)
            if index == chain.count - 1 { finding.note("issued by", certificate.issuer) }
        }
        finding.note("valid from", chain.first?.notBefore?.rfc3339)
        finding.note("valid until", chain.first?.notAfter?.rfc3339)
    }

    private func summary(
        _ fault: ConnectionFindings.TrustFault,
        _ url: UpstreamURL,
        _ chain: [ServerCertificate]
    ) -> String {
        switch fault {
        case .unknownAuthority:
            "the certificate of \(url.host) is by an authority that is not trusted here"
                + (chain.last.map { ": \($0.shortIssuer)" } ?? "")
        case .expired: "the certificate of \(url.host), or one above it, has expired"
        case .notYetValid: "the certificate of \(url.host), or one above it, is not valid yet"
        case .wrongName:
            "what answers for \(url.host) has a certificate for other names"
                + (chain.first.map { ": \($0.shortSubject)" } ?? "")
        case .silent: "\(url.host):\(url.port) took the connection, and then was silent"
        case .rejected: "the certificate of \(url.host), or one above it, is not good enough"
        case .handshake: "TLS with \(url.host):\(url.port) does not come about"
        }
    }

    private func advice(
        _ fault: ConnectionFindings.TrustFault,
        _ url: UpstreamURL,
        _ chain: [ServerCertificate],
        _ file: CaseFile
    ) -> Advice {
        switch fault {
        case .unknownAuthority:
            Advice(
                "Microsoft's certificates are by public authorities. Another one means a proxy of your network that looks into TLS (often named after its maker), or a test upstream.",
                .network,
                "If \(chain.last?.shortIssuer ?? "that authority") is your network's, get its certificate as a PEM file and name the file in UPSTREAM_CA_PATH; better, exempt \(url.host) from inspection. If nobody knows it, do not trust it."
            )
        case .expired, .notYetValid:
            Advice(
                "By this machine's clock the certificate is out of its time: the clock is wrong, or the certificate is.",
                .operator,
                "Compare this machine's time with the right one (`timedatectl`, `chronyc tracking`) and correct it. If it is right, whoever runs what answers there must renew the certificate."
            )
        case .wrongName:
            Advice(
                "Something else answers in the place of \(url.host): a portal, a proxy, or a wrong entry in a name server.",
                .network,
                "See whether \(upstream.setting(file)) is right, and whether the addresses of \(url.host) are Microsoft's."
            )
        case .silent:
            Advice(
                "Something between here and \(url.host) lets the connection begin and nothing more: a firewall, or a server that hangs.",
                .network,
                "Have TLS to \(url.host):\(url.port) let through, and see whether \(upstream.setting(file)) has the right port."
            )
        case .rejected:
            Advice(
                "OpenSSL refuses the chain for another reason, for example a revoked certificate, a weak key or a weak digest.",
                .network,
                "The line of libcurl names it. Whoever runs what answers there must renew the certificate."
            )
        case .handshake:
            Advice(
                "The far side ended the handshake, or does not speak TLS 1.2 or newer.",
                .network,
                "See whether \(upstream.setting(file)) has the right port, and whether a firewall or a proxy interferes with TLS to \(url.host)."
            )
        }
    }
}

extension ConnectionFindings.TrustFault {
    fileprivate var isAboutTime: Bool { self == .expired || self == .notYetValid }
}
