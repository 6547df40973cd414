import Logging
import Settings

/// What the operator is told of a credential's changes: generations and thumbprints, never what is shown to Entra.
struct CredentialLog: Sendable {
    let logger: Logger

    func found(_ content: CredentialFacts.Content, _ facts: CredentialFacts) {
        logger.notice(
            "new credential found: the next token request tries it, and the present one serves until it works",
            metadata: metadata(content, facts)
        )
    }

    func replaced(_ content: CredentialFacts.Content, _ facts: CredentialFacts) {
        logger.notice("credential replaced: Entra has accepted the new one", metadata: metadata(content, facts))
    }

    func withdrawn(_ content: CredentialFacts.Content, _ facts: CredentialFacts) {
        logger.notice("new credential taken back: the present one serves on", metadata: metadata(content, facts))
    }

    func refused(_ candidate: Rotation.Candidate, _ error: EntraError, retriesIn pause: Duration) {
        // Entra may take minutes to know a new secret everywhere.
        logger.warning(
            "new credential refused: the present one serves on, and the new one is tried again",
            metadata: metadata(candidate, error, pause)
        )
    }

    func untried(_ candidate: Rotation.Candidate, _ error: EntraError, retriesIn pause: Duration) {
        logger.warning(
            "new credential not tried: Entra said nothing of it, the present one serves on, and the new one is tried again",
            metadata: metadata(candidate, error, pause)
        )
    }

    private func metadata(
        _ candidate: Rotation.Candidate,
        _ error: EntraError,
        _ pause: Duration
    ) -> Logger.Metadata {
        var metadata = error.metadata.merging(candidate.content.facts.metadata) { _, new in new }
        metadata["credential.retry_in"] = "\(pause.components.seconds)"
        return metadata
    }

    func unusable(_ problem: SettingsProblem, _ facts: CredentialFacts) {
        var metadata = facts.metadata
        metadata["setting"] = "\(problem.name)"
        metadata["setting.problem"] = "\(problem.reason)"
        metadata["setting.fix"] = "\(problem.fix)"
        logger.error("new credential cannot be used: the present one serves on", metadata: metadata)
    }

    func unchanged(_ facts: CredentialFacts) {
        logger.notice("credential read again: nothing has changed", metadata: facts.metadata)
    }

    func nothingToRead(_ facts: CredentialFacts) {
        logger.notice("credential not read again: it does not come from a file", metadata: facts.metadata)
    }

    private func metadata(_ content: CredentialFacts.Content, _ facts: CredentialFacts) -> Logger.Metadata {
        facts.metadata.merging(content.metadata) { _, new in new }
    }
}
