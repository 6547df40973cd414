import Entra
import Transport

/// One `createToken`, from its baseline to its outcome, in the profile's turn.
///
/// Graph's answer 204 is a yes, and what Graph has provably not acted on is sent again: see ``GraphWrite``. Whatever else happens
/// after the first byte is read back, never sent again.
struct TokenCreation {
    let tokens: EnrollmentTokens
    let profile: ProfileReference
    let order: TokenOrder
    let deadline: ContinuousClock.Instant
    var write: GraphWrite
    let reads: TokenReads
    /// What was read before it was known that a token has to be created.
    var firstRead: Read?

    init(
        of tokens: EnrollmentTokens,
        profile: ProfileReference,
        order: TokenOrder,
        deadline: ContinuousClock.Instant,
        record: (any WriteRecord)? = nil
    ) {
        self.tokens = tokens
        self.profile = profile
        self.order = order
        self.deadline = deadline
        reads = TokenReads(of: tokens, profile: profile, order.wantsRepresentation ? .withQRCode : .bare)
        write = GraphWrite(of: tokens, for: order.caller, deadline: deadline, notDone: .notCreated, record: record)
    }

    var validity: Duration { .seconds(order.validityInSeconds) }
    var now: ContinuousClock.Instant { tokens.clock.now }

    mutating func run() async throws(GraphError) -> CreatedToken {
        let baseline = try await baseline()
        let request = GraphRequest.createToken(
            profile,
            validityInSeconds: order.validityInSeconds,
            at: tokens.configuration.baseURL
        )
        let ending = try await write.carryOut(request, replacing: baseline.before(on: tokens.graphTime.clock(at: now)))
        var window = ReadBackWindow(sent: ending.sent, ended: ending.ended, validity: validity)
        switch ending.result {
        case .done(let graphRequestID, let date):
            remember(window, after: baseline, isCertain: true)
            tokens.seen.replaced(on: profile, before: window.sent)
            window.answerDate = date
            var token = created(graphRequestID: graphRequestID, date: date)
            if order.wantsRepresentation {
                token.representation = await representation(baseline: baseline, window: window)
            }
            token.attempts = write.attempts
            return token
        case .ambiguous(let fault, let error):
            remember(window, after: baseline, isCertain: false)
            let sent = window
            return try await finish { (creation: inout TokenCreation) async throws(GraphError) in
                try await creation.readBack(baseline: baseline, window: sent, fault: fault, transportError: error)
            }
        }
    }

    // MARK: Before the send

    private mutating func baseline() async throws(GraphError) -> Baseline {
        let span = deadline - now
        let record = tokens.history.record(of: profile)
        // What is put on record is of use by Graph's clock alone.
        let isTimeKnown = write.record == nil || tokens.graphTime.clock(at: now) != nil
        if firstRead == nil, isTimeKnown, !order.wantsRepresentation, let last = record.creations.last,
            !tokens.history.needsBaseline(for: profile, validity: validity, now: now, span: span)
        {
            return .created(last)
        }
        let read = try await baselineRead()
        let isLate = tokens.seen.isLate(read, of: profile)
        // Graph may lag: what it does not show yet must not be taken for the token that is about to be created.
        let recent = record.recent(at: read.asked).filter {
            !$0.isOver(by: read.value, on: read.clock, revocation: record.revocation)
        }
        if isLate { return .late(pending: recent) }
        let shown = recent.lastIndex { creation in
            creation.isShown(by: read.value, on: read.clock)
                && !tokens.seen.wasSeen(read.value, on: profile, before: creation.sent)
        }
        guard let shown else { return .read(read.value, createdAt: read.value.createdAt, pending: recent) }
        return .read(
            read.value,
            createdAt: read.value.creation(living: recent[shown].validity),
            pending: Array(recent[(shown + 1)...])
        )
    }

    /// Who wants to be shown the new token can be told it from what was there before only where that is shown, too.
    private mutating func baselineRead() async throws(GraphError) -> Read {
        if let firstRead { return firstRead }
        return try await order.wantsRepresentation ? readCurrent().0 : readPatiently(until: write.lastSend)
    }

    // MARK: After an answer

    /// Keeps in mind what was created, or may have been: the next token on the profile must be told from it.
    func remember(_ window: ReadBackWindow, after baseline: Baseline, isCertain: Bool, isDenied: Bool = false) {
        let creation = ProfileHistory.Creation(
            sent: window.sent,
            answered: window.ended,
            validity: window.validity,
            isCertain: isCertain,
            isDenied: isDenied,
            hasPending: baseline.hasPending,
            before: baseline.times
        )
        tokens.history.record(creation, of: profile)
    }

    private func created(graphRequestID: String?, date: Timestamp?) -> CreatedToken {
        let createdAt = date ?? tokens.wallClock()
        return CreatedToken(
            createdAt: createdAt,
            expiresAt: createdAt + validity,
            graphRequestID: graphRequestID,
            evidence: .answer,
            attempts: write.attempts
        )
    }

    /// Does `work` to its end though the caller be gone: what was sent is found out about and logged.
    ///
    /// In a task of its own, because one that is cancelled can neither wait nor ask. It is awaited here, so that the profile's
    /// turn lasts as long.
    private mutating func finish(
        _ work: @escaping @Sendable (inout TokenCreation) async throws(GraphError) -> CreatedToken
    ) async throws(GraphError) -> CreatedToken {
        let start = self
        let (result, end) = await Task { () -> (Result<CreatedToken, GraphError>, TokenCreation) in
            var creation = start
            do throws(GraphError) {
                return (.success(try await work(&creation)), creation)
            } catch {
                return (.failure(error), creation)
            }
        }.value
        self = end
        return try result.get()
    }
}
