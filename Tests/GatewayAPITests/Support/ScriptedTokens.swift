import Settings
import Synchronization
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

/// Changes nothing; answers as a test says, and keeps what it was asked.
final class ScriptedTokens: EnrollmentOperations {
    typealias Answer = @Sendable (ProfileReference, Int) async throws(GraphError) -> CreatedToken
    typealias Mint = @Sendable (TokenOrder, ProfileReference) async throws(GraphError) -> TokenMinting

    struct Call: Equatable {
        var profile: ProfileReference
        var validity: Int
    }

    /// What was asked, in short: the operation and whatever decides.
    enum Asked: Equatable {
        case mint(TokenOrder, ProfileReference)
        case token(ProfileReference, TokenSelection)
        case revoke(ProfileReference, caller: String)
        case settle(ProfileReference)
        case profile(ProfileReference)
        case profiles(ProfileKind)
    }

    /// What comes of each operation.
    struct Script: Sendable {
        var mint: Mint = { (order, _) throws(GraphError) in .created(.sample(validity: order.validityInSeconds)) }
        var token: @Sendable () throws(GraphError) -> ShownToken = { () throws(GraphError) in .sample }
        var revocation: @Sendable () throws(GraphError) -> Void = {}
        /// Whether creations and revocations get as far as being sent.
        var sends = true
        var settlement: @Sendable () throws(GraphError) -> Settlement = { () throws(GraphError) in .open }
        var profiles: @Sendable () throws(GraphError) -> [EnrollmentProfile] = { () throws(GraphError) in [] }
    }

    private let script: Script
    private let log = Mutex<[Asked]>([])

    init(script: Script) { self.script = script }

    convenience init(_ answer: @escaping Answer = { (_, validity) throws(GraphError) in .sample(validity: validity) }) {
        var script = Script()
        script.mint = { (order, profile) async throws(GraphError) in
            .created(try await answer(profile, order.validityInSeconds))
        }
        self.init(script: script)
    }

    convenience init(minting result: TokenMinting) {
        var script = Script()
        script.mint = { (_, _) throws(GraphError) in result }
        self.init(script: script)
    }

    convenience init(showing token: ShownToken) {
        var script = Script()
        script.token = { () throws(GraphError) in token }
        self.init(script: script)
    }

    convenience init(listing profiles: [EnrollmentProfile]) {
        var script = Script()
        script.profiles = { () throws(GraphError) in profiles }
        self.init(script: script)
    }

    /// Fails every time, whatever is asked.
    convenience init(failing error: GraphError) {
        var script = Script()
        script.mint = { (_, _) throws(GraphError) in throw error }
        script.token = { () throws(GraphError) in throw error }
        script.revocation = { () throws(GraphError) in throw error }
        script.profiles = { () throws(GraphError) in throw error }
        self.init(script: script)
    }

    var asked: [Asked] { log.withLock { $0 } }

    /// The creations among it.
    var calls: [Call] {
        asked.compactMap { asked in
            guard case .mint(let order, let profile) = asked else { return nil }
            return Call(profile: profile, validity: order.validityInSeconds)
        }
    }

    var orders: [TokenOrder] {
        asked.compactMap { asked in if case .mint(let order, _) = asked { order } else { nil } }
    }

    func mint(
        _ order: TokenOrder,
        on profile: ProfileReference,
        record: (any WriteRecord)?
    ) async throws(GraphError) -> TokenMinting {
        log.withLock { $0.append(.mint(order, profile)) }
        try await putOnRecord(record, .notCreated)
        return try await script.mint(order, profile)
    }

    private func putOnRecord(
        _ record: (any WriteRecord)?,
        _ notDone: GraphError.Outcome
    ) async throws(GraphError) {
        guard let record, script.sends else { return }
        do throws(NotRecorded) {
            try await record.willSend(.sample)
        } catch {
            throw GraphError(.notRecorded, outcome: notDone)
        }
    }

    func settle(
        _ write: SentWrite,
        before deadline: ContinuousClock.Instant
    ) async throws(GraphError) -> (settlement: Settlement, attempts: [GraphAttempt]) {
        log.withLock { $0.append(.settle(write.profile)) }
        return (try script.settlement(), [])
    }

    func token(of profile: ProfileReference, _ selection: TokenSelection) async throws(GraphError) -> ShownToken {
        log.withLock { $0.append(.token(profile, selection)) }
        return try script.token()
    }

    func revoke(
        on profile: ProfileReference,
        for caller: String,
        record: (any WriteRecord)?
    ) async throws(GraphError) -> [GraphAttempt] {
        log.withLock { $0.append(.revoke(profile, caller: caller)) }
        try await putOnRecord(record, .notRevoked)
        try script.revocation()
        return [.init(operation: .revokeToken, status: 204, requestID: "r", error: nil, duration: .milliseconds(5))]
    }

    func profile(
        _ profile: ProfileReference
    ) async throws(GraphError) -> (profile: EnrollmentProfile, attempts: [GraphAttempt]) {
        log.withLock { $0.append(.profile(profile)) }
        guard let found = try script.profiles().first(where: { $0.reference == profile }) else {
            throw GraphError(.profileNotFound, outcome: nil, fault: GraphFault(status: 404))
        }
        return (found, [])
    }

    func profiles(
        of kind: ProfileKind
    ) async throws(GraphError) -> (profiles: [EnrollmentProfile], attempts: [GraphAttempt]) {
        log.withLock { $0.append(.profiles(kind)) }
        return (try script.profiles().filter { $0.reference.kind == kind }, [])
    }
}

extension SendFacts {
    /// Sent at 2026-03-02T08:15:30Z.
    static let sample = SendFacts(
        earliest: Timestamp(secondsSince1970: 1_772_439_330),
        latest: Timestamp(secondsSince1970: 1_772_439_331),
        isGraphsTime: true,
        before: .empty(ended: nil)
    )
}

extension ShownToken {
    static let sampleValue = "ABCDEFGHIJKLMNOPQRST"
    static let sampleContent = #"{"android.app.extra.PROVISIONING":{"TOKEN":"ABCDEFGHIJKLMNOPQRST"}}"#

    /// Lives for another hour.
    static var sample: ShownToken { sample(timeLeft: .seconds(3600)) }

    static func sample(timeLeft: Duration?) -> ShownToken {
        ShownToken(
            value: Secret(sampleValue),
            expiresAt: timeLeft.map { _ in Timestamp(secondsSince1970: 1_772_442_930) },
            timeLeft: timeLeft,
            qrCodeContent: Secret(sampleContent),
            attempts: [
                GraphAttempt(
                    operation: .readProfile,
                    status: 200,
                    requestID: "read-id",
                    error: nil,
                    duration: .milliseconds(5)
                )
            ]
        )
    }
}

extension CreatedToken {
    static let graphRequestID = "5f0c7a52-3d1e-4b8a-9c64-2e7f10d3b6a9"

    /// Created at 2026-03-02T08:15:30Z.
    static func sample(validity: Int = 3600, requestID: String? = graphRequestID) -> CreatedToken {
        let start = Timestamp(secondsSince1970: 1_772_439_330)
        return CreatedToken(
            createdAt: start,
            expiresAt: start + .seconds(validity),
            graphRequestID: requestID,
            evidence: .answer,
            attempts: [
                GraphAttempt(
                    operation: .createToken,
                    status: 204,
                    requestID: requestID,
                    error: nil,
                    duration: .milliseconds(5)
                )
            ]
        )
    }
}

/// Something that happens once, and that others wait for.
final class Event: Sendable {
    /// Before the test's time is over, which ends nothing that is not asked whether it is called off.
    private static let longest = Duration.seconds(180)

    private let state = Mutex<(happened: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func happen() {
        let waiters = state.withLock { state in
            state.happened = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whoever waits is not called off: those that stand for others wait on as those would. In vain nobody waits for ever.
    func wait() async {
        let vigil = Task {
            try await Task.sleep(for: Self.longest)
            Issue.record("what is waited for does not happen")
            happen()
        }
        defer { vigil.cancel() }
        await withCheckedContinuation { continuation in
            let happened = state.withLock { state in
                if !state.happened { state.waiters.append(continuation) }
                return state.happened
            }
            if happened { continuation.resume() }
        }
    }
}
