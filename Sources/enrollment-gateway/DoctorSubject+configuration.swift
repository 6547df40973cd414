import Doctor
import Entra
import Explanations
import GatewayAPI
import Graph
import Settings

extension DoctorSubject {
    /// What the gateway would use with this configuration.
    init(_ configuration: ServiceConfiguration, profile: ProfileID?, creates: Bool) {
        let facts = configuration.access.facts
        self.init(
            issuer: Issuer(configuration.access),
            credential: facts.kind.words,
            credentialEndsAt: facts.endsAt,
            graph: configuration.graph,
            kind: configuration.gateway.rules.defaultKind,
            profile: profile,
            creates: creates,
            validityInSeconds: TokenRules.leastValidity
        )
    }
}

extension DoctorSubject.Issuer {
    fileprivate init(_ access: AccessConfiguration) {
        switch access.means {
        case .stored(_, let application), .workloadIdentity(_, let application):
            self = .entra(
                authority: access.authority,
                tenant: application.tenant.description,
                client: application.client.description
            )
        case .managedIdentity(let identity):
            self = .managedIdentity(endpoint: identity.endpoint, client: identity.client?.description)
        }
    }
}

extension ServiceConfiguration {
    /// In one sentence.
    var summary: String {
        let words = access.facts.kind.words
        guard let application = access.application else { return "complete: by \(words)" }
        return "complete: tenant \(application.tenant), client \(application.client), by \(words)"
    }
}

extension Finding {
    /// Everything that is wrong with the settings.
    init(configuration error: SettingsError) {
        let count = error.problems.count
        self.init(.configuration, .failed, count == 1 ? "one problem" : "\(count) problems")
        advice = error.problems.map { Advice("\($0.name): \($0.reason).", .operator, "\($0.fix).") }
    }
}
