import Explanations
import Graph
import HTTPTypes
import Transport

/// This machine's clock against the `Date` of an upstream's answer (RFC 9110 §6.6.1).
///
/// The answer is Entra's to the discovery document, whatever its status; where a managed identity stands in for Entra, it is
/// Graph's to a request without a token.
struct ClockStep: DoctorStep {
    /// Certificates, assertions and the times of enrollment tokens still hold, but something is not right.
    static let suspicious = Duration.seconds(60)
    /// Assertions are refused from about here on.
    static let wrong = Duration.seconds(300)
    static let timeLimit = Duration.seconds(10)

    let id = StepID.clock

    func examine(_ file: inout CaseFile) async -> Finding {
        let (url, upstream) = question(file)
        let name = upstream.name(file)
        let before = file.tools.wallClock()
        let fields: HTTPFields
        do throws(TransportError) {
            let request = UpstreamRequest(
                method: .get,
                url: url,
                fields: [.accept: "application/json"],
                repetition: .harmless,
                deadline: file.tools.clock.now.advanced(by: Self.timeLimit)
            )
            fields = try await file.tools.transport.execute(request).fields
        } catch {
            guard error.fields[.date] != nil else { return failure(error, name) }
            fields = error.fields
        }
        guard let date = fields[.date].flatMap({ Timestamp(httpDate: $0) }) else {
            return Finding(id, .warned, "the answer of \(name) has no Date to compare with")
        }
        // The field has whole seconds, and was written somewhere between question and answer.
        let after = file.tools.wallClock()
        return compared(before + (after - before) / 2 - (date + .milliseconds(500)), with: name, theirs: date)
    }

    private func question(_ file: CaseFile) -> (UpstreamURL, CaseFile.Upstream) {
        switch file.subject.issuer {
        case .entra(let authority, let tenant, _):
            (authority.appending(path: "/\(tenant)/v2.0/.well-known/openid-configuration"), .issuer)
        case .managedIdentity:
            (file.subject.graph.baseURL, .graph)
        }
    }

    private func compared(_ ahead: Duration, with name: String, theirs: Timestamp) -> Finding {
        let distance = max(ahead, .zero - ahead)
        guard distance > Self.suspicious else {
            return Finding(id, .passed, distance < .seconds(2) ? "as \(name) has it" : "\(sentence(ahead)) \(name)")
        }
        var finding = Finding(id, distance > Self.wrong ? .failed : .warned, "\(sentence(ahead)) \(name)")
        finding.note("time there", theirs.rfc3339)
        finding.advice = [
            Advice(
                "Assertions and certificates are judged by time, and so is whether a lost answer made an enrollment token.",
                .operator,
                "Let the machine's clock follow a time server: `timedatectl set-ntp true`, or look at `chronyc tracking`. A container has the clock of its host."
            )
        ]
        return finding
    }

    private func sentence(_ ahead: Duration) -> String {
        ahead > .zero ? "\(ahead.shown) ahead of" : "\(ahead.shown) behind"
    }

    private func failure(_ error: TransportError, _ name: String) -> Finding {
        var finding = Finding(id, .failed, "\(name) did not answer (\(error.kind.rawValue))")
        finding.note("detail", error.detail)
        finding.advice = [error.kind.advice]
        return finding
    }
}

extension TransportError.Kind {
    var advice: Advice {
        guard let explanation = Explanations.find(rawValue, in: .transport) else {
            return Advice("No answer came.", .network, "Look at the network between here and Microsoft.")
        }
        return Advice(explanation)
    }
}
