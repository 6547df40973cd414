import Crypto
import Foundation
import Settings
import Transport

/// What a secret's or a certificate's file holds at one moment.
enum CredentialContent: Sendable {
    case secret(Secret)
    case certificate(ClientCertificate)

    var certificate: CertificateFacts? {
        switch self {
        case .secret: nil
        case .certificate(let certificate): certificate.facts
        }
    }

    func isSame(as other: CredentialContent) -> Bool {
        switch (self, other) {
        case (.secret(let one), .secret(let other)): one.digest == other.digest
        case (.certificate(let one), .certificate(let other)): one.chain == other.chain
        case (.secret, .certificate), (.certificate, .secret): false
        }
    }
}

extension Secret {
    /// Swift Crypto compares digests in constant time.
    fileprivate var digest: SHA256.Digest {
        reveal { SHA256.hash(data: Data($0.utf8)) }
    }
}

/// A credential that the gateway holds itself: where it is kept, and what was there when it was read first.
package struct StoredCredential: Sendable {
    private enum Store: Sendable {
        case secret(SecretSource)
        case certificate(ClientCertificateFile)
        case fixed(Secret)
    }

    package let kind: CredentialKind
    let first: CredentialContent
    let loadedAt: Timestamp
    let secretEndsAt: Timestamp?
    /// For ``ClientAssertion/sendsChain``.
    let sendsChain: Bool
    /// The files in which it may change while the gateway runs.
    let files: [String]
    private let store: Store

    /// Reads a client secret.
    ///
    /// - Throws: ``SettingsProblem``.
    init(secret source: SecretSource, endsAt: Timestamp?, at now: Timestamp) throws(SettingsProblem) {
        self.init(
            .clientSecret,
            .secret(source),
            first: .secret(try source.read()),
            files: source.path.map { [$0] } ?? [],
            at: now,
            secretEndsAt: endsAt
        )
    }

    /// Reads a certificate.
    ///
    /// - Throws: ``SettingsProblem``.
    init(certificate file: ClientCertificateFile, sendsChain: Bool, at now: Timestamp) throws(SettingsProblem) {
        self.init(
            .clientCertificate,
            .certificate(file),
            first: .certificate(try file.read(at: now)),
            files: file.files,
            at: now,
            sendsChain: sendsChain
        )
    }

    /// A client secret that stays what it is.
    init(secret: Secret) { self.init(.clientSecret, .fixed(secret), first: .secret(secret), files: [], at: .now) }

    private init(
        _ kind: CredentialKind,
        _ store: Store,
        first: CredentialContent,
        files: [String],
        at now: Timestamp,
        secretEndsAt: Timestamp? = nil,
        sendsChain: Bool = false
    ) {
        self.kind = kind
        self.store = store
        self.first = first
        // What a pipe held is gone.
        self.files = files.filter { SecretFile($0).isRegular }
        self.secretEndsAt = secretEndsAt
        self.sendsChain = sendsChain
        loadedAt = now
    }

    var origin: String {
        switch store {
        case .secret(let source): source.path ?? source.setting
        case .certificate(let file): file.path
        case .fixed: "built in"
        }
    }

    /// What is there now.
    ///
    /// - Throws: ``SettingsProblem``.
    func read(at now: Timestamp) throws(SettingsProblem) -> CredentialContent {
        switch store {
        case .secret(let source): .secret(try source.read())
        case .certificate(let file): .certificate(try file.read(at: now))
        case .fixed(let secret): .secret(secret)
        }
    }

    var facts: CredentialFacts {
        CredentialFacts(
            kind: kind,
            origin: origin,
            inUse: .init(generation: 1, loadedAt: loadedAt, certificate: first.certificate),
            secretEndsAt: secretEndsAt
        )
    }
}
