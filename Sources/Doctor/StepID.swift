/// The steps, in the order in which they are taken.
package enum StepID: String, Sendable, CaseIterable {
    case configuration
    case issuerName = "entra-name"
    case issuerConnection = "entra-connection"
    case issuerTrust = "entra-trust"
    case graphName = "graph-name"
    case graphConnection = "graph-connection"
    case graphTrust = "graph-trust"
    case clock
    case accessToken = "access-token"
    case audience
    case permission
    case profiles
    case profile
    case creation

    /// What must hold before this step makes sense.
    ///
    /// - Parameter hasAuthority: whether it is Entra that gives access tokens, and not a platform without a clock of its own.
    func needs(hasAuthority: Bool) -> [StepID] {
        switch self {
        case .configuration: []
        case .issuerName, .graphName: [.configuration]
        case .issuerConnection: [.issuerName]
        case .issuerTrust: [.issuerConnection]
        case .graphConnection: [.graphName]
        case .graphTrust: [.graphConnection]
        case .clock: [hasAuthority ? .issuerTrust : .graphTrust]
        case .accessToken: [.issuerTrust]
        case .audience, .permission: [.accessToken]
        case .profiles: [.graphTrust, .audience, .permission]
        case .profile: [.profiles]
        // Whether a lost answer made a token is judged by time.
        case .creation: [.profile, .clock]
        }
    }
}
