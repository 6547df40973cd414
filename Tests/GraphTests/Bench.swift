import Entra
import HTTPTypes
import Logging
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Graph

/// `EnrollmentTokens` on virtual time, before a Graph that follows a script.
struct Bench: Sendable {
    let clock: ManualClock
    let graph: FakeGraph
    let transport: ScriptedTransport
    let source: FakeTokens
    let tokens: EnrollmentTokens
    let profile: ProfileReference
    let start: ContinuousClock.Instant
    let configuration: GraphConfiguration
    private let logger: Logger

    /// - Parameter epoch: what Graph's clock shows at the start; far from this machine's own, and not at a full second.
    init(
        _ kind: ProfileKind = .androidForWork,
        creates: [FakeGraph.Create] = [],
        reads: [FakeGraph.Read] = [],
        deadline: Duration = .seconds(25),
        writeLimit: WriteLimit? = .default,
        epoch: Timestamp = Timestamp(secondsSince1970: 1_900_000_000.3),
        showsDate: Bool = true,
        ownClockBehind: Duration = .zero,
        clock: ManualClock = ManualClock(automatic: true),
        jitter: Double? = nil,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        tokenPrefix: String = FakeTokens.prefix,
        peers: (any GatewayPeers)? = nil,
        metrics: GraphMetrics = GraphMetrics(),
        delay: @escaping FakeTokens.Delay = { _, _ in }
    ) {
        self.clock = clock
        start = clock.now
        let graph = FakeGraph(kind, clock: clock, epoch: epoch, showsDate: showsDate, creates: creates, reads: reads)
        self.graph = graph
        transport = ScriptedTransport { (request, _) async throws(TransportError) -> UpstreamResponse in
            try await graph.answer(request)
        }
        source = FakeTokens(clock: clock, prefix: tokenPrefix, delay: delay)
        self.logger = logger
        configuration = GraphConfiguration(
            baseURL: try! UpstreamURL("https://graph.example/beta"),
            deadline: deadline,
            writeLimit: writeLimit
        )
        tokens = EnrollmentTokens(
            configuration: configuration,
            transport: transport,
            tokens: source,
            peers: peers,
            metrics: metrics,
            clock: clock,
            wallClock: { graph.now - ownClockBehind },
            jitter: { jitter ?? .random(in: 0.8...1.2) }
        )
        profile = .example(kind)
    }

    var sends: Int { graph.count(.createToken) }
    var reads: Int { graph.count(.readProfile) }

    /// Creates, and checks what must hold whatever Graph does: the deadline, and that what is said is what happened.
    func create(
        validity: Int = 3600,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> Result<CreatedToken, GraphError> {
        let begun = clock.now
        let sent = sends
        let actions = graph.actions
        let result = await outcome(validity: validity)

        let deadline = begun.advanced(by: configuration.deadline)
        let lastSend = deadline.advanced(by: .zero - configuration.readBackReserve - configuration.leastSendTime)
        #expect(clock.now <= deadline, sourceLocation: sourceLocation)
        #expect(
            graph.times(of: .createToken).dropFirst(sent).allSatisfy { $0 <= lastSend },
            sourceLocation: sourceLocation
        )
        let acted = graph.actions - actions
        #expect(acted <= 1, sourceLocation: sourceLocation)
        switch result {
        case .success: #expect(acted == 1, sourceLocation: sourceLocation)
        case .failure(let error):
            #expect(error.outcome != nil, sourceLocation: sourceLocation)
            if error.outcome == .notCreated { #expect(acted == 0, sourceLocation: sourceLocation) }
            if let pause = error.retryAfter { #expect((.zero...RetryAfter.longest).contains(pause)) }
        }
        return result
    }

    /// The same without the checks.
    func outcome(validity: Int = 3600) async -> Result<CreatedToken, GraphError> {
        await withLogger(logger) { _ in
            do throws(GraphError) {
                return .success(try await tokens.create(on: profile, validityInSeconds: validity))
            } catch {
                return .failure(error)
            }
        }
    }

    func mint(
        _ order: TokenOrder = TokenOrder(validityInSeconds: 3600, wantsRepresentation: true),
        record: (any WriteRecord)? = nil
    ) async -> Result<TokenMinting, GraphError> {
        await withLogger(logger) { _ in
            do throws(GraphError) {
                return .success(try await tokens.mint(order, on: profile, record: record))
            } catch {
                return .failure(error)
            }
        }
    }

    func read() async -> ShownToken? { try? await tokens.token(of: profile, .withQRCode) }

    /// Lets the clock run, five times as fast as real time, while `body` is at work: for several at once, who wait for each other.
    /// The clock must not be an automatic one.
    func running<Value: Sendable>(_ body: @Sendable () async -> Value) async -> Value {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    clock.advance(by: .milliseconds(5))
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { group.cancelAll() }
            return await body()
        }
    }

    func revoke(record: (any WriteRecord)? = nil) async -> Result<[GraphAttempt], GraphError> {
        await withLogger(logger) { _ in
            do throws(GraphError) {
                return .success(try await tokens.revoke(on: profile, for: "portal", record: record))
            } catch {
                return .failure(error)
            }
        }
    }

    /// A creation that succeeds and of which this process knows, so that later ones need no baseline.
    func becomeKnown(validity: Int = 3600, ago: Duration = .seconds(600)) async {
        guard case .success = await create(validity: validity) else {
            Issue.record("the first creation failed")
            return
        }
        if ago > .zero { clock.advance(by: ago) }
    }
}

extension ProfileReference {
    static func example(_ kind: ProfileKind = .androidForWork, number: Int = 0) -> ProfileReference {
        let digits = String(number, radix: 16)
        let last = String(repeating: "0", count: 12 - digits.count) + digits
        return ProfileReference(kind: kind, id: ProfileID("7b1d2c3e-4f50-4a61-9b72-\(last)")!)
    }
}

extension Result where Success == CreatedToken, Failure == GraphError {
    var token: CreatedToken? { try? get() }
    var error: GraphError? { if case .failure(let error) = self { error } else { nil } }
    /// In short: `created`, or the kind and the outcome.
    var summary: String { error.map { "\($0.kind.label) \($0.outcome?.rawValue ?? "-")" } ?? "created" }
}

extension Result where Success == TokenMinting, Failure == GraphError {
    var error: GraphError? { if case .failure(let error) = self { error } else { nil } }
    var created: CreatedToken? { if case .success(.created(let token)) = self { token } else { nil } }
    var present: ShownToken? { if case .success(.present(let token)) = self { token } else { nil } }
    /// The new token's text: `pending` where it was not shown, `nil` where none was created or asked for.
    var value: String? {
        switch created?.representation {
        case .complete(let value, qrCodeContent: _): value.reveal { $0 }
        case .pending: "pending"
        case .replaced: "replaced"
        case nil: nil
        }
    }
    var qrCode: String? {
        if case .complete(value: _, qrCodeContent: let content) = created?.representation {
            content?.reveal { $0 }
        } else {
            nil
        }
    }
}

extension GraphError.Kind {
    /// The case's name.
    var label: String { String(String(describing: self).prefix { $0 != "(" }) }
}

extension UpstreamResponse {
    static func status(_ code: Int, _ fields: HTTPFields = [:], body: String = "") -> UpstreamResponse {
        UpstreamResponse(status: .init(code: code), fields: fields, body: ByteBuffer(string: body))
    }
}

extension TransportError {
    static let reset = TransportError(.connectionLost, delivery: .unknown, detail: "reset")
    static let notConnected = TransportError(.connectFailed, delivery: .notSent, detail: "refused")
    static let refusedStream = TransportError(.refused, delivery: .refused, detail: "REFUSED_STREAM")
}
