import Entra
import Transport

/// What `check` tells of the credential: what it is, where it comes from and when it ends, and no secret.
struct CredentialReport {
    private let access: AccessConfiguration

    init(_ access: AccessConfiguration) { self.access = access }

    /// Each begins with a name and is as wide as the other lines of `check`.
    var lines: String {
        let facts = access.facts
        var rows: [(String, String)] = []
        if let application = access.application {
            rows.append(("tenant", "\(application.tenant) at \(access.authority)"))
            rows.append(("client", "\(application.client), by \(facts.kind.words)"))
        } else if case .managedIdentity(let identity) = access.means {
            rows.append(
                ("client", "\(identity.client.map { "\($0)" } ?? "the system's identity"), by \(facts.kind.words)")
            )
        }
        rows.append(("credential", facts.origin))
        if let certificate = facts.inUse?.certificate {
            rows.append(("", "thumbprint \(certificate.sha1)"))
        }
        if let end = facts.endsAt { rows.append(("", "ends \(end.rfc3339)\(end <= .now ? ", which has passed" : "")")) }
        if !access.unused.isEmpty {
            rows.append(("", "given too and not used: \(access.unused.joined(separator: ", "))"))
        }
        return rows.map { name, value in
            "  \(name)\(String(repeating: " ", count: max(1, 12 - name.count)))\(value)"
        }
        .joined(separator: "\n")
    }
}

extension CredentialKind {
    /// For people.
    var words: String {
        switch self {
        case .clientSecret: "client secret"
        case .clientCertificate: "certificate"
        case .workloadIdentity: "workload identity"
        case .managedIdentity: "managed identity"
        }
    }
}
