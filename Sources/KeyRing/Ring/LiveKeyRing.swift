import Crypto
package import Logging
import Reloading
import Synchronization
package import Transport

/// The key ring in force, and what there is to know about its file.
///
/// Who asks gets the ring as a whole, before or after a reload and never in between. A file that cannot be used changes nothing:
/// the keys before it stay in force until there is one that can.
package final class LiveKeyRing: Sendable {
    private struct State: Sendable {
        var ring: KeyRing
        var facts: KeyRingFacts
    }

    /// `nil` where there is one key alone.
    package let file: KeyRingFile?
    private let single: SingleKey?
    private let state: Mutex<State>
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameters:
    ///   - document: what the file held when the settings were read.
    ///   - single: a key without an id beside those of the file.
    package init(
        file: KeyRingFile? = nil,
        document: KeyRingDocument = KeyRingDocument(),
        single: SingleKey?,
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) {
        self.file = file
        self.single = single
        self.wallClock = wallClock
        self.logger = logger
        state = Mutex(
            State(
                ring: KeyRing(document.entries, single: single),
                facts: KeyRingFacts(document, hasSingle: single != nil, generation: 1, at: wallClock())
            )
        )
    }

    /// See ``KeyRing/caller(presenting:at:)``.
    package func caller(presenting key: String) throws(KeyRing.Refusal) -> Caller {
        try state.withLock { $0.ring }.caller(presenting: key, at: wallClock())
    }

    package var facts: KeyRingFacts { state.withLock { $0.facts } }

    /// Why the file is read.
    package enum Cause: String, Sendable {
        case start, change, signal
        /// It could not be read the last time.
        case retry
    }

    /// Reads the file, and puts what it holds in force where that is a key ring. Not to be called twice at a time.
    ///
    /// - Returns: whether the content could be had. If not, it may be another time, though the file does not change.
    @discardableResult
    package func reload(_ cause: Cause) async -> Bool {
        guard let file else { return true }
        let result = await BlockingWork.run { Result { () throws(KeyRingFault) in try file.read() } }
        switch result {
        case .success(let document):
            take(document, cause)
            return true
        case .failure(let fault):
            note(fault, cause)
            return !fault.isOfReading
        }
    }

    private func take(_ document: KeyRingDocument, _ cause: Cause) {
        let before = facts
        let isKnown = before.isOf(document)
        guard !isKnown || before.fault != nil || cause == .signal else { return }
        let predecessor = state.withLock { $0.ring }
        // Made outside of the lock: nobody waits for it.
        let ring = KeyRing(document.entries, single: single, replacing: predecessor)
        let facts = KeyRingFacts(
            document,
            hasSingle: single != nil,
            generation: isKnown ? before.generation : before.generation + 1,
            at: wallClock()
        )
        state.withLock { $0 = State(ring: ring, facts: facts) }
        logger.notice("Key ring read", metadata: facts.metadata(cause))
        if !facts.opensAnything(at: wallClock()) {
            logger.error(
                "No key of the key ring opens anything: every caller is refused",
                metadata: ["keys.generation": "\(facts.generation)"]
            )
        }
    }

    private func note(_ fault: KeyRingFault, _ cause: Cause) {
        let isNews = state.withLock { state in
            defer { state.facts.fault = fault }
            return state.facts.fault != fault
        }
        guard isNews || cause == .signal else { return }
        logger.error(
            "The key ring's file cannot be used; the keys before it stay in force",
            metadata: [
                "keys.path": "\(file?.path ?? "")", "keys.generation": "\(facts.generation)", "reason": "\(fault)",
                "cause": "\(cause.rawValue)",
            ]
        )
    }
}
