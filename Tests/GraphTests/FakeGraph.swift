import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Transport

@testable import Graph

/// One profile behind a Graph that does what a test says, on a clock of its own that runs with the test's.
final class FakeGraph: Sendable {
    /// What comes of one `createToken` or `revokeToken`.
    indirect enum Create: Sendable {
        /// Acts and answers 204.
        case created
        case answers(UpstreamResponse)
        case fails(TransportError)
        /// No answer until the request's deadline.
        case silent
        /// Acts, and then does the other thing.
        case acting(Create)
        /// Acts so much later, whatever is answered before.
        case actingLater(Duration, Create)
        case after(Duration, Create)
        /// The caller goes away while the request is at work, which goes on as a transport lets it.
        case deserted(Create)
    }

    /// What comes of one read.
    indirect enum Read: Sendable {
        case truth
        /// What the profile showed before its last change: Graph lags.
        case old
        case shows(Shown?)
        case answers(UpstreamResponse)
        case fails(TransportError)
        case silent
        case after(Duration, Read)
    }

    struct Shown: Sendable, Equatable {
        var value: String?
        var createdAt: Timestamp?
        var expiresAt: Timestamp?
    }

    private struct State {
        var creates: [Create]
        var reads: [Read]
        var shown: Shown?
        var before: Shown?
        var actions = 0
        var revocations = 0
        var coming: [(instant: ContinuousClock.Instant, validity: Int)] = []
        /// How long reads lag behind, and what was shown until when.
        var lag = Duration.zero
        /// How far the times of tokens are behind the clock of `Date`, and whether they have no fractions.
        var skew = Duration.zero
        var isWhole = false
        var past: [(until: ContinuousClock.Instant, shown: Shown?)] = []
        var times: [(operation: GraphAttempt.Operation, instant: ContinuousClock.Instant)] = []
    }

    static let latency = Duration.milliseconds(20)
    let clock: ManualClock
    private let kind: ProfileKind
    private let epoch: Timestamp
    private let start: ContinuousClock.Instant
    private let showsDate: Bool
    private let state: Mutex<State>

    init(
        _ kind: ProfileKind,
        clock: ManualClock,
        epoch: Timestamp,
        showsDate: Bool,
        creates: [Create],
        reads: [Read]
    ) {
        self.kind = kind
        self.clock = clock
        self.epoch = epoch
        self.showsDate = showsDate
        start = clock.now
        state = Mutex(State(creates: creates, reads: reads))
    }

    /// What its clock shows.
    var now: Timestamp { epoch + (clock.now - start) }
    /// Tokens created through `createToken`, those included that are still coming.
    var actions: Int { state.withLock { $0.actions + $0.coming.count } }
    /// From now on a read shows the profile as it was so long ago.
    func lag(by duration: Duration) { state.withLock { $0.lag = duration } }

    func tellTimes(behind skew: Duration = .zero, inWholeSeconds isWhole: Bool = false) {
        state.withLock { ($0.skew, $0.isWhole) = (skew, isWhole) }
    }

    var revocations: Int { state.withLock(\.revocations) }
    func times(of operation: GraphAttempt.Operation) -> [ContinuousClock.Instant] {
        state.withLock { $0.times.filter { $0.operation == operation }.map(\.instant) }
    }
    func count(_ operation: GraphAttempt.Operation) -> Int { times(of: operation).count }

    /// Someone else replaces the profile's token.
    func show(_ shown: Shown?) {
        state.withLock {
            $0.past.append((clock.now, $0.shown))
            $0.before = $0.shown
            $0.shown = shown
        }
    }

    /// What comes next instead of what was left of the script.
    func script(creates: [Create] = [], reads: [Read] = []) {
        state.withLock {
            $0.creates = creates
            $0.reads = reads
        }
    }

    func answer(_ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        let operation: GraphAttempt.Operation =
            switch request.method {
            case .post where request.url.path.hasSuffix("/revokeToken"): .revokeToken
            case .post: .createToken
            default: .readProfile
            }
        state.withLock { $0.times.append((operation, clock.now)) }
        try await pass(Self.latency, until: request.deadline)
        if operation != .readProfile {
            let step = state.withLock { $0.creates.isEmpty ? .created : $0.creates.removeFirst() }
            return try await carryOut(step, request)
        }
        let step = state.withLock { $0.reads.isEmpty ? .truth : $0.reads.removeFirst() }
        return try await carryOut(step, request)
    }

    private func carryOut(_ step: Create, _ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        switch step {
        case .created:
            act(request)
            return dated(UpstreamResponse(status: .noContent))
        case .answers(let response): return dated(response)
        case .fails(let error): throw error
        case .silent: throw try await timeOut(request)
        case .acting(let rest):
            act(request)
            return try await carryOut(rest, request)
        case .actingLater(let delay, let rest):
            let due = clock.now.advanced(by: delay)
            let validity = validity(request)
            state.withLock { $0.coming.append((due, validity)) }
            return try await carryOut(rest, request)
        case .after(let delay, let rest):
            try await pass(delay, until: request.deadline)
            return try await carryOut(rest, request)
        case .deserted(let rest):
            withUnsafeCurrentTask { $0?.cancel() }
            guard request.cancellation == .untilSent else {
                throw TransportError(.cancelled, delivery: .unknown, detail: "cancelled")
            }
            return try await Task { () -> Result<UpstreamResponse, TransportError> in
                do throws(TransportError) {
                    return .success(try await self.carryOut(rest, request))
                } catch {
                    return .failure(error)
                }
            }.value.get()
        }
    }

    private func carryOut(_ step: Read, _ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        switch step {
        case .truth: return dated(.json(.ok, json(lagging, request)))
        case .old: return dated(.json(.ok, json(state.withLock { $0.before }, request)))
        case .shows(let shown): return dated(.json(.ok, json(shown, request)))
        case .answers(let response): return dated(response)
        case .fails(let error): throw error
        case .silent: throw try await timeOut(request)
        case .after(let delay, let rest):
            try await pass(delay, until: request.deadline)
            return try await carryOut(rest, request)
        }
    }

    /// What a read shows at present.
    private var lagging: Shown? {
        let present = shown
        return state.withLock { state in
            let moment = clock.now.advanced(by: .zero - state.lag)
            return state.past.first { $0.until > moment }.map(\.shown) ?? present
        }
    }

    /// What the profile has at present.
    var shown: Shown? {
        let due = state.withLock { state in
            defer { state.coming.removeAll { $0.instant <= clock.now } }
            return state.coming.filter { $0.instant <= clock.now }
        }
        for action in due { act(action.validity, at: epoch + (action.instant - start)) }
        return state.withLock { $0.shown }
    }

    private func act(_ request: UpstreamRequest) {
        guard request.url.path.hasSuffix("/revokeToken") else { return act(validity(request)) }
        state.withLock { state in
            state.revocations += 1
            state.past.append((clock.now, state.shown))
            state.before = state.shown
            // "Token expires at once."
            state.shown = state.shown.map { Shown(value: nil, createdAt: $0.createdAt, expiresAt: now) }
        }
    }

    private func act(_ validity: Int, at time: Timestamp? = nil) {
        let time = time ?? now
        state.withLock {
            $0.actions += 1
            $0.past.append((clock.now, $0.shown))
            $0.before = $0.shown
            $0.shown = Shown(
                value: "enrollment-canary-\($0.actions)",
                createdAt: time,
                expiresAt: time + .seconds(validity)
            )
        }
    }

    private func json(_ shown: Shown?, _ request: UpstreamRequest) -> String {
        let selected = request.url.query ?? ""
        let segments = request.url.path.split(separator: "/")
        var members = [#""id":"\#(segments.last ?? "")""#]
        func add(_ name: String, _ text: String?) {
            members.append("\"\(name)\":" + (text.map { "\"\($0)\"" } ?? "null"))
        }
        add("tokenValue", shown?.value)
        let (skew, isWhole) = state.withLock { ($0.skew, $0.isWhole) }
        func text(_ time: Timestamp?) -> String? {
            time.map { isWhole ? ($0 - skew).rfc3339 : ($0 - skew).rfc3339Milliseconds }
        }
        if kind.hasCreationTime { add("tokenCreationDateTime", text(shown?.createdAt)) }
        add("tokenExpirationDateTime", text(shown?.expiresAt))
        if selected.contains("qrCodeContent") { add("qrCodeContent", shown?.value.map { "scan " + $0 }) }
        return "{" + members.joined(separator: ",") + "}"
    }

    private func dated(_ response: UpstreamResponse) -> UpstreamResponse {
        var response = response
        if showsDate { response.fields[.date] = now.httpDate }
        response.fields[.graphRequestID] = "request-\(state.withLock { $0.times.count })"
        return response
    }

    private func validity(_ request: UpstreamRequest) -> Int {
        let text = request.body.map { String(buffer: $0) } ?? ""
        return Int(text.filter(\.isNumber)) ?? 0
    }

    private func pass(_ delay: Duration, until deadline: ContinuousClock.Instant) async throws(TransportError) {
        let end = clock.now.advanced(by: delay)
        do { try await clock.sleep(until: min(end, deadline)) } catch {
            throw TransportError(.cancelled, delivery: .unknown, detail: "cancelled")
        }
        if end > deadline { throw TransportError(.timedOut, delivery: .unknown, detail: "the deadline passed") }
    }

    private func timeOut(_ request: UpstreamRequest) async throws(TransportError) -> TransportError {
        try await pass(request.deadline - clock.now, until: request.deadline)
        return TransportError(.timedOut, delivery: .unknown, detail: "the deadline passed")
    }
}
