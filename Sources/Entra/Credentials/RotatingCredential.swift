import Logging
import Reloading
import Settings
import Synchronization
import Transport

/// A stored credential that may be replaced while the gateway runs: see ``Rotation``.
package final class RotatingCredential: Credential, WatchedCredential {
    /// Why the files are read.
    package enum Cause: String, Sendable {
        case start
        case change
        case signal
        /// Now and then in any case: a certificate may have become valid, and some file systems hide changes.
        case schedule
        case refusal
    }

    fileprivate struct Guarded {
        var rotation: Rotation
        var startedReads = 0
        var lastRead = 0
    }

    /// The files that it comes from.
    package let files: [String]
    private let stored: StoredCredential
    private let assertion: ClientAssertion
    private let clock: any MonotonicClock
    private let wallClock: @Sendable () -> Timestamp
    private let log: CredentialLog
    private let guarded: Mutex<Guarded>

    init(
        _ stored: StoredCredential,
        assertion: ClientAssertion,
        clock: any MonotonicClock,
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) {
        self.stored = stored
        self.assertion = assertion
        self.clock = clock
        self.wallClock = wallClock
        files = stored.files
        log = CredentialLog(logger: logger)
        guarded = Mutex(Guarded(rotation: Rotation(stored.first, loadedAt: stored.loadedAt)))
    }

    /// How it stands now.
    package var facts: CredentialFacts {
        let rotation = guarded.withLock { $0.rotation }
        return CredentialFacts(
            kind: stored.kind,
            origin: stored.origin,
            inUse: rotation.inUse.facts,
            isProven: rotation.isProven,
            candidate: rotation.candidate.map { .init(content: $0.content.facts, refusal: $0.refusal) },
            fault: rotation.fault,
            // The date is that of the secret which the gateway started with.
            secretEndsAt: rotation.inUse.generation == 1 ? stored.secretEndsAt : nil
        )
    }

    // MARK: Credential

    package func proof() async throws(EntraError) -> CredentialProof {
        let now = clock.now
        let (first, inUse) = guarded.withLock { ($0.rotation.first(at: now), $0.rotation.inUse) }
        do throws(EntraError) {
            return try proof(of: first)
        } catch {
            // What cannot be signed needs no word of Entra's.
            guard first.generation != inUse.generation else { throw error }
            refuse(first.generation, error)
            return try proof(of: inUse)
        }
    }

    package func accepted(_ proof: CredentialProof) async {
        guard let replaced = guarded.withLock({ $0.rotation.accepted(proof.generation) }) else { return }
        log.replaced(replaced.facts, facts)
    }

    package func replacement(for shown: [CredentialProof], refused error: EntraError) async -> CredentialProof? {
        guard let refused = shown.last else { return nil }
        refuse(refused.generation, error)
        // Whatever the code: Microsoft's own library first listed the codes that mean a stale credential, and had to give up.
        if error.oauthError == "invalid_client" { await reload(.refusal) }
        var passed = shown.map(\.generation)
        while let next = guarded.withLock({ $0.rotation.replacement(for: passed) }) {
            do throws(EntraError) {
                return try proof(of: next)
            } catch {
                refuse(next.generation, error)
                passed.append(next.generation)
            }
        }
        return nil
    }

    package func failed(_ proof: CredentialProof, _ error: EntraError) async {
        let now = clock.now
        guard let candidate = guarded.withLock({ $0.rotation.failed(proof.generation, at: now) }) else { return }
        log.untried(candidate, error, retriesIn: candidate.triesAt - now)
    }

    private func refuse(_ generation: Int, _ error: EntraError) {
        let now = clock.now
        let candidate = guarded.withLock { $0.rotation.refused(generation, error, at: now) }
        if let candidate { log.refused(candidate, error, retriesIn: candidate.triesAt - now) }
    }

    private func proof(of content: Rotation.Content) throws(EntraError) -> CredentialProof {
        switch content.content {
        case .secret(let secret):
            return CredentialProof(secret: secret, generation: content.generation)
        case .certificate(let certificate):
            do {
                let assertion = try assertion.signed(by: certificate, at: wallClock())
                return CredentialProof(assertion: assertion, generation: content.generation)
            } catch {
                throw EntraError(
                    .refused,
                    reason: .credentialInvalid,
                    detail: "the assertion could not be signed: \(type(of: error))"
                )
            }
        }
    }

    // MARK: Reading anew

    /// Reads the files again. What cannot be used is told, once for each change, and changes nothing.
    package func reload(_ cause: Cause) async {
        guard !files.isEmpty else {
            if cause == .signal { log.nothingToRead(facts) }
            return
        }
        let read = guarded.withLock { guarded in
            guarded.startedReads += 1
            return guarded.startedReads
        }
        let now = wallClock()
        let result = await BlockingWork.run { [stored] in
            Result { () throws(SettingsProblem) in try stored.read(at: now) }
        }
        switch result {
        case .success(let content): take(content, read: read, at: now, cause)
        case .failure(let problem): take(problem, read: read, cause)
        }
    }

    private func take(_ content: CredentialContent, read: Int, at now: Timestamp, _ cause: Cause) {
        let instant = clock.now
        let reading = guarded.withLock { guarded -> Rotation.Reading in
            guard guarded.begin(read) else { return .same }
            if cause == .signal { guarded.rotation.hurry(at: instant) }
            return guarded.rotation.read(content, loadedAt: now, at: instant)
        }
        switch reading {
        case .same: if cause == .signal { log.unchanged(facts) }
        case .found(let content): log.found(content.facts, facts)
        case .withdrawn(let content): log.withdrawn(content.facts, facts)
        }
    }

    private func take(_ problem: SettingsProblem, read: Int, _ cause: Cause) {
        let isNew = guarded.withLock { $0.begin(read) && $0.rotation.readFailed(problem) }
        if isNew || cause == .signal || cause == .change { log.unusable(problem, facts) }
    }

    /// Whether a token request should be made so that the candidate is tried.
    package func takeDueTrial() -> Bool {
        let now = clock.now
        return guarded.withLock { $0.rotation.takeDueTrial(at: now) }
    }
}

extension RotatingCredential.Guarded {
    /// Whether this reading began after every one that counted so far: an older one that took longer shows the past.
    fileprivate mutating func begin(_ read: Int) -> Bool {
        guard read > lastRead else { return false }
        lastRead = read
        return true
    }
}

extension Rotation.Content {
    var facts: CredentialFacts.Content {
        CredentialFacts.Content(generation: generation, loadedAt: loadedAt, certificate: content.certificate)
    }
}
