import Logging
import Transport

/// Reading the profile: before a send where its token could be confused with ours, after one whose answer was lost, and to show the
/// new token.
extension TokenCreation {
    /// A "no" needs two reads that agree, the last at least this long after the send ended: Graph may lag, or still be at work.
    static let settlingTime = Duration.seconds(3)
    /// Reading back goes on no longer than this after the send ended, nor past the deadline.
    static let readBackLimit = Duration.seconds(10)
    /// Waiting for the profile to show the new token takes no longer than this after the send ended, nor lasts past the deadline.
    static let representationLimit = Duration.seconds(10)
    /// Between two looks for it; the last one is repeated.
    static let representationPauses: [Duration] = [
        .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1),
    ]

    /// What one read showed, the clock of its answer, and when it was asked for.
    typealias Read = GraphReader.Read<TokenState>

    /// Reads what the profile shows, before anything is sent, and tries again after what passes.
    ///
    /// - Throws: ``GraphError`` with the outcome `notCreated`.
    mutating func readPatiently(until end: ContinuousClock.Instant) async throws(GraphError) -> Read {
        do {
            return try await reads.patiently(for: .baseline, until: end, noting: &write.attempts)
        } catch {
            throw write.failureBeforeSend(error)
        }
    }

    /// Finds out what came of a send whose answer was lost or useless.
    ///
    /// - Throws: ``GraphError``: `failed` with `notCreated` after two agreeing reads, else `outcomeUnknown`.
    mutating func readBack(
        baseline: Baseline,
        window: ReadBackWindow,
        fault: GraphFault?,
        transportError: TransportError?
    ) async throws(GraphError) -> CreatedToken {
        let end = min(deadline, window.ended.advanced(by: Self.readBackLimit))
        let settled = window.ended.advanced(by: Self.settlingTime)
        var agreeing = 0
        var tries = 0
        while now < end {
            // A read that fails says nothing; the next one may.
            if let read = try? await reads.once(for: .readBack, until: end, noting: &write.attempts) {
                switch sighting(of: read, baseline: baseline, window: window) {
                case .ours:
                    remember(window, after: baseline, isCertain: true)
                    tokens.metrics.readBack(.createToken, .yes)
                    return await found(read, baseline: baseline, window: window, fault: fault)
                case .before: agreeing += 1
                case .other: agreeing = 0
                }
                // After an end of our own making, a time-out for example, Graph may still be at work: then no number of reads proves a "no".
                if agreeing >= 2, read.asked >= settled, transportError?.isOwnDoing != true {
                    // Not forgotten: Graph may have lagged longer.
                    remember(window, after: baseline, isCertain: false, isDenied: true)
                    tokens.metrics.readBack(.createToken, .no)
                    throw write.failure(
                        GraphError(.failed, outcome: .notCreated, fault: fault, transportError: transportError)
                    )
                }
            }
            let pause = GraphReader.pauses[min(tries, GraphReader.pauses.count - 1)]
            tries += 1
            guard now.advanced(by: pause) < end, (try? await tokens.client.pause(for: pause)) != nil else { break }
        }
        tokens.metrics.readBack(.createToken, .unclear)
        throw write.failure(
            GraphError(.outcomeUnknown, outcome: .unknown, fault: fault, transportError: transportError)
        )
    }

    /// Reads until the profile shows the token that was just created: never the one before, and never one that is only late.
    mutating func representation(baseline: Baseline, window: ReadBackWindow) async -> CreatedToken.Representation {
        let end = min(deadline, window.ended.advanced(by: Self.representationLimit))
        var tries = 0
        // Who revokes does not wait for that: the token is to be dead, seen or not.
        while now < end, !Task.isCancelled, !tokens.revocations.isAwaited(on: profile) || tries == 0 {
            if let read = try? await reads.once(for: .representation, until: end, noting: &write.attempts),
                let shown = newToken(in: read, baseline: baseline, window: window)
            {
                return shown
            }
            let pauses = Self.representationPauses
            let pause = pauses[min(tries, pauses.count - 1)] * tokens.jitter()
            tries += 1
            guard now.advanced(by: pause) < end, (try? await tokens.client.pause(for: pause)) != nil else { break }
        }
        Logger.current.warning("The profile does not show the new enrollment token yet")
        return .pending
    }

    private func sighting(of read: Read, baseline: Baseline, window: ReadBackWindow) -> Sighting {
        if tokens.seen.isLate(read, of: profile) { return .other }
        let sighting = baseline.sighting(of: read.value, window: window, on: read.clock)
        // What was there before the send is not what the send created, whatever the baseline showed.
        let isOlder = tokens.seen.wasSeen(read.value, on: profile, before: window.sent)
        return sighting == .ours && isOlder ? .other : sighting
    }

    /// The new token, if it is what the read shows.
    private func newToken(
        in read: Read,
        baseline: Baseline,
        window: ReadBackWindow
    ) -> CreatedToken.Representation? {
        let timeShown = tokens.seen.timeShown(read, on: profile)
        guard let value = read.value.value, !tokens.seen.wasSeen(read.value, on: profile, before: window.sent),
            let proof = baseline.proof(of: read.value, window: window, on: read.clock), timeShown >= proof,
            !tokens.seen.isLate(read, of: profile)
        else { return nil }
        return .complete(value: value, qrCodeContent: read.value.qrCodeContent)
    }

    private mutating func found(
        _ read: Read,
        baseline: Baseline,
        window: ReadBackWindow,
        fault: GraphFault?
    ) async -> CreatedToken {
        let state = read.value
        let expiresAt = state.expiresAt ?? (state.createdAt ?? tokens.wallClock()) + validity
        var token = CreatedToken(
            createdAt: state.createdAt ?? expiresAt - validity,
            expiresAt: expiresAt,
            graphRequestID: fault?.requestID,
            evidence: .readBack,
            attempts: write.attempts
        )
        guard order.wantsRepresentation else { return token }
        if let shown = newToken(in: read, baseline: baseline, window: window) {
            token.representation = shown
        } else {
            token.representation = await representation(baseline: baseline, window: window)
            token.attempts = write.attempts
        }
        return token
    }
}

extension TransportError {
    /// We ended the exchange ourselves, so that Graph may still be at work on it.
    fileprivate var isOwnDoing: Bool {
        switch kind {
        case .timedOut, .cancelled, .overloaded, .unavailable, .internal: true
        default: false
        }
    }
}
