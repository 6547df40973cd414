import Settings
import Transport

/// Which content of a stored credential is in use, and which is to replace it, as a value.
///
/// Pure: it is told what was read and what Entra said. A content that was read anew is a *candidate*: the next token request
/// shows it first, and the one in use serves until Entra has granted a token for the candidate. A fresh secret is often not
/// accepted for some minutes, so a refused candidate is tried again, ever more seldom.
struct Rotation: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Content: Sendable {
        let generation: Int
        let loadedAt: Timestamp
        let content: CredentialContent
    }

    struct Candidate: Sendable {
        let content: Content
        /// Refusals, and requests that came to nothing.
        fileprivate(set) var failures = 0
        fileprivate(set) var refusal: EntraError?
        /// Not before then is it shown again, unless the one in use is refused as well.
        fileprivate(set) var triesAt: Instant
        /// Whether a token request for its sake has been ordered.
        fileprivate var isOrdered = false
    }

    enum Reading: Sendable {
        /// Nothing new.
        case same
        case found(Content)
        /// The file holds what is in use again.
        case withdrawn(Content)
    }

    private static let firstPause: Duration = .seconds(60)
    private static let longestPause: Duration = .seconds(600)
    /// One token request at a time shows no more contents.
    private static let mostReplaced = TokenEndpoint.mostProofs

    private(set) var inUse: Content
    private(set) var isProven = false
    private(set) var candidate: Candidate?
    /// Candidates that others have replaced. One may be before Entra yet, and its word counts.
    private var replaced: [Content] = []
    /// Why the file as it was read last cannot be used.
    private(set) var fault: SettingsProblem?
    private var lastGeneration = 1

    init(_ first: CredentialContent, loadedAt: Timestamp) {
        inUse = Content(generation: 1, loadedAt: loadedAt, content: first)
    }

    // MARK: What was read

    mutating func read(_ content: CredentialContent, loadedAt: Timestamp, at now: Instant) -> Reading {
        fault = nil
        if content.isSame(as: inUse.content) {
            guard let withdrawn = candidate?.content else { return .same }
            candidate = nil
            // Whoever put the old content back does not want those between.
            replaced = []
            return .withdrawn(withdrawn)
        }
        if let candidate {
            if candidate.content.content.isSame(as: content) { return .same }
            replaced = Array((replaced + [candidate.content]).suffix(Self.mostReplaced))
        }
        lastGeneration += 1
        let found = Content(generation: lastGeneration, loadedAt: loadedAt, content: content)
        candidate = Candidate(content: found, triesAt: now)
        return .found(found)
    }

    /// The operator asked: a candidate is tried again without waiting.
    mutating func hurry(at now: Instant) {
        candidate?.triesAt = now
        candidate?.isOrdered = false
    }

    /// - Returns: whether that is not known yet.
    mutating func readFailed(_ problem: SettingsProblem) -> Bool {
        defer { fault = problem }
        return fault != problem
    }

    // MARK: What a token request shows

    func first(at now: Instant) -> Content {
        guard let candidate, candidate.triesAt <= now else { return inUse }
        return candidate.content
    }

    /// What to show after these were refused; a due pause of the candidate's is no reason to give up.
    func replacement(for shown: [Int]) -> Content? {
        [candidate?.content, inUse].compactMap { $0 }.first { !shown.contains($0.generation) }
    }

    // MARK: What Entra said

    /// A candidate that was replaced while Entra looked at it serves too: it is proven, and the newer one is not yet.
    ///
    /// - Returns: what is in use from now on, if that has changed.
    mutating func accepted(_ generation: Int) -> Content? {
        if generation == inUse.generation { isProven = true }
        let known = replaced + [candidate?.content].compactMap { $0 }
        guard generation > inUse.generation, let accepted = known.first(where: { $0.generation == generation }) else {
            return nil
        }
        inUse = accepted
        isProven = true
        if candidate?.content.generation == generation { candidate = nil }
        replaced.removeAll { $0.generation <= generation }
        return inUse
    }

    /// - Returns: the candidate, if it was that.
    mutating func refused(_ generation: Int, _ error: EntraError, at now: Instant) -> Candidate? {
        guard candidate?.content.generation == generation else { return nil }
        candidate?.refusal = error
        return failed(generation, at: now)
    }

    /// A request that showed `generation` came to nothing: no verdict, but the next one shows what is proven.
    ///
    /// - Returns: the candidate, if it was that.
    mutating func failed(_ generation: Int, at now: Instant) -> Candidate? {
        guard var failed = candidate, failed.content.generation == generation else { return nil }
        failed.triesAt = now.advanced(by: min(Self.firstPause * (1 << min(failed.failures, 10)), Self.longestPause))
        failed.failures += 1
        failed.isOrdered = false
        candidate = failed
        return failed
    }

    /// Whether a token request should be made for the candidate's sake; told once for each time that it is due.
    mutating func takeDueTrial(at now: Instant) -> Bool {
        guard let candidate, !candidate.isOrdered, candidate.triesAt <= now else { return false }
        self.candidate?.isOrdered = true
        return true
    }
}
