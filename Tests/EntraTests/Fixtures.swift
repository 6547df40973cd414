import HTTPTypes
import Logging
import NIOCore
import Settings
import Synchronization
import TestSupport
import Transport

@testable import Entra

/// Counts events, and lets a test wait until enough of them have happened.
final class Tally: Sendable {
    private struct State {
        var count = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    func add() {
        let reached = state.withLock { state in
            state.count += 1
            defer { state.waiters.removeAll { $0.count <= state.count } }
            return state.waiters.filter { $0.count <= state.count }
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// Suspends until `count` events have happened.
    func wait(for count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

/// A cache on a clock that the test turns, before an Entra that answers as the test says.
struct Bench: Sendable {
    let clock = ManualClock()
    let transport: ScriptedTransport
    let cache: TokenCache
    /// When each request came.
    let times: @Sendable () -> [ContinuousClock.Instant]

    /// - Parameter random: 0.5 puts the renewal at exactly 80 % of a token's life.
    init(
        logger: Logger = .silent,
        credential: any Credential = ClientSecretCredential(Secret("secret")),
        random: @escaping @Sendable () -> Double = { 0.5 },
        answer: @escaping ScriptedTransport.Answer
    ) {
        let log = TimeLog()
        let clock = clock
        let transport = ScriptedTransport { (request, index) async throws(TransportError) -> UpstreamResponse in
            log.add(clock.now)
            return try await answer(request, index)
        }
        self.transport = transport
        times = { log.times }
        cache = TokenCache(
            source: TokenEndpoint(
                configuration: .example(credential: credential),
                transport: transport,
                clock: clock
            ),
            clock: clock,
            logger: logger,
            policy: TokenPolicy(random: random)
        )
    }

    /// Asks as a caller that would wait a long time.
    func token() async throws(EntraError) -> AccessToken {
        try await cache.accessToken(deadline: clock.now.advanced(by: .seconds(1_000_000)))
    }

    /// What a caller gets; by default one that would wait a long time.
    func outcome(deadline: ContinuousClock.Instant? = nil) async -> Result<AccessToken, EntraError> {
        do throws(EntraError) {
            if let deadline { return .success(try await cache.accessToken(deadline: deadline)) }
            return .success(try await token())
        } catch {
            return .failure(error)
        }
    }

    /// The error that a caller gets, if any.
    func failure() async -> EntraError? {
        if case .failure(let error) = await outcome() { error } else { nil }
    }

    /// Waits until no fetch is in flight.
    func settle() async { await eventually { !cache.health.isFetching } }
}

private final class TimeLog: Sendable {
    private let log = Mutex<[ContinuousClock.Instant]>([])
    var times: [ContinuousClock.Instant] { log.withLock { $0 } }
    func add(_ time: ContinuousClock.Instant) { log.withLock { $0.append(time) } }
}

/// Gives way to the other tasks until `condition` holds. The suite's time limit ends a wait that is in vain.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}

extension Logger {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

extension EntraConfiguration {
    static let exampleTenant = "11111111-2222-3333-4444-555555555555"
    static let exampleClient = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

    static func example(credential: any Credential = ClientSecretCredential(Secret("secret"))) -> EntraConfiguration {
        EntraConfiguration(
            authority: try! UpstreamURL("https://login.example"),
            tenant: try! TenantID(exampleTenant),
            client: try! ClientID(exampleClient),
            scope: try! TokenScope("https://graph.example/.default"),
            credential: credential
        )
    }
}

extension UpstreamResponse {
    /// Entra's success.
    static func granted(
        _ token: String = "eyJ.example.token",
        expiresIn: Int = 3600,
        refreshIn: String? = nil
    ) -> UpstreamResponse {
        let wish = refreshIn.map { #","refresh_in":\#($0)"# } ?? ""
        return .json(.ok, #"{"token_type":"Bearer","expires_in":\#(expiresIn)\#(wish),"access_token":"\#(token)"}"#)
    }

    /// Entra's error document.
    static func fault(
        _ status: HTTPResponse.Status,
        _ error: String,
        code: Int,
        fields: HTTPFields = [:]
    ) -> UpstreamResponse {
        .json(
            status,
            """
            {"error":"\(error)","error_description":"AADSTS\(code): Words that may change.","error_codes":[\(code)],\
            "timestamp":"2026-11-24 05:00:00Z","trace_id":"0F0F0F0F-0000-4000-8000-000000000001",\
            "correlation_id":"0f0f0f0f-0000-4000-8000-000000000002","error_uri":"https://login.example/error?code=\(code)"}
            """,
            fields: fields
        )
    }

    static func text(_ status: HTTPResponse.Status, _ text: String, fields: HTTPFields = [:]) -> UpstreamResponse {
        UpstreamResponse(status: status, fields: fields, body: ByteBuffer(string: text))
    }
}

/// A value that a test sets while others read it.
final class Box<Value: Sendable>: Sendable {
    private let storage: Mutex<Value?>

    init(_ value: Value? = nil) { storage = Mutex(value) }

    var value: Value? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}

final class Switch: Sendable {
    private let storage = Mutex(false)

    var isOn: Bool {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
