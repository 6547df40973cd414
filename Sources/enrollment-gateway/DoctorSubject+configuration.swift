import Doctor
import Entra
import Explanations
import GatewayAPI
import Graph
import Settings

extension DoctorSubject {
    /// What the gateway would use with this configuration.
    init(_ configuration: ServiceConfiguration, profile: ProfileID?, creates: Bool) {
        self.init(
            issuer: .entra(
                authority: configuration.entra.authority,
                tenant: configuration.entra.tenant.description,
                client: configuration.entra.client.description
            ),
            credential: "client secret",
            graph: configuration.graph,
            kind: configuration.gateway.rules.defaultKind,
            profile: profile,
            creates: creates,
            validityInSeconds: TokenRules.leastValidity
        )
    }
}

extension ServiceConfiguration {
    /// In one sentence.
    var summary: String { "complete: tenant \(entra.tenant), client \(entra.client), by client secret" }
}

extension Finding {
    /// Everything that is wrong with the settings.
    init(configuration error: SettingsError) {
        let count = error.problems.count
        self.init(.configuration, .failed, count == 1 ? "one problem" : "\(count) problems")
        advice = error.problems.map { Advice("\($0.name): \($0.reason).", .operator, "\($0.fix).") }
    }
}
