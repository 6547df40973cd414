import CurlTransport
import Entra
import Graph

/// What earlier steps leave for later ones.
struct CaseFile: Sendable {
    enum Upstream: Sendable, Hashable {
        case issuer, graph
    }

    let subject: DoctorSubject
    let tools: DoctorTools
    var addresses: [Upstream: [HostAddress]] = [:]
    var connections: [Upstream: ConnectionFindings] = [:]
    var token: AccessToken?
    var permission = TokenPermission.unreadable

    init(subject: DoctorSubject, tools: DoctorTools) {
        self.subject = subject
        self.tools = tools
    }
}

/// One step of the examination.
protocol DoctorStep: Sendable {
    var id: StepID { get }
    /// Told before the step is taken, where it changes something.
    func announcement(_ file: CaseFile) -> String?
    /// Ends by itself within a bounded time, and never with a secret in what it found.
    func examine(_ file: inout CaseFile) async -> Finding
}

extension DoctorStep {
    func announcement(_ file: CaseFile) -> String? { nil }
}
