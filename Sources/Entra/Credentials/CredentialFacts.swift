package import Logging
package import Settings
package import Transport

/// What may be told of the credential at one moment: in the log, in readiness, by `check` and `doctor`. No secret is in it.
package struct CredentialFacts: Sendable, Equatable {
    /// One content of a secret's or a certificate's file.
    package struct Content: Sendable, Equatable {
        /// Counts from 1, the content that the gateway started with.
        package let generation: Int
        package let loadedAt: Timestamp
        /// `nil` for a client secret.
        package let certificate: CertificateFacts?
    }

    /// A content that is to replace the one in use, and has not been granted a token yet.
    package struct Candidate: Sendable, Equatable {
        package let content: Content
        /// Why Entra refused it last; `nil` before it was shown.
        package let refusal: EntraError?
    }

    package let kind: CredentialKind
    /// The variable, the file or the endpoint that it comes from.
    package let origin: String
    /// `nil` for what the gateway does not hold: a federated token, a managed identity.
    package let inUse: Content?
    /// Whether Entra has granted a token for ``inUse`` in this process.
    package let isProven: Bool
    package let candidate: Candidate?
    /// Why what the file holds now cannot be used, where that is so.
    package let fault: SettingsProblem?
    /// The end of the client secret, where the operator gave it and the secret is the one that was meant.
    package let secretEndsAt: Timestamp?

    init(
        kind: CredentialKind,
        origin: String,
        inUse: Content? = nil,
        isProven: Bool = false,
        candidate: Candidate? = nil,
        fault: SettingsProblem? = nil,
        secretEndsAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.origin = origin
        self.inUse = inUse
        self.isProven = isProven
        self.candidate = candidate
        self.fault = fault
        self.secretEndsAt = secretEndsAt
    }

    /// When the credential ends by itself, as far as that is known.
    package var endsAt: Timestamp? { inUse?.certificate?.notAfter ?? secretEndsAt }

    /// The same with what ends.
    package var expiry: CredentialExpiry? {
        if let certificate = inUse?.certificate { return CredentialExpiry(.certificate, endsAt: certificate.notAfter) }
        return secretEndsAt.map { CredentialExpiry(.clientSecret, endsAt: $0) }
    }

    /// For a log line.
    package var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["credential.kind": "\(kind.rawValue)", "credential.origin": "\(origin)"]
        if let inUse { metadata.merge(inUse.metadata) { _, new in new } }
        metadata["credential.ends_at"] = endsAt.map { "\($0.rfc3339)" }
        return metadata
    }
}

extension CredentialFacts.Content {
    package var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["credential.generation": "\(generation)"]
        metadata["credential.thumbprint"] = certificate.map { "\($0.sha1)" }
        metadata["credential.ends_at"] = certificate.map { "\($0.notAfter.rfc3339)" }
        return metadata
    }
}
