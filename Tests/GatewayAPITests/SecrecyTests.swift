import Activity
import Entra
import HTTPTypes
import HummingbirdTesting
import KeyRing
import Logging
import NIOCore
import Settings
import Synchronization
import TestSupport
import Testing
import Traces
import Tracing
import Transport

@testable import GatewayAPI
@testable import Graph
@testable import Telemetry

/// Every secret is a canary here, everything is logged, and all that comes out is searched.
@Suite("Secrecy", .timeLimit(.minutes(5)))
struct SecrecyTests {
    static let apiKey = "canary-api-key-0001"
    static let clientSecret = "canary-client-secret-0002"
    static let accessToken = "canary-access-token-0003"
    private static let others = [
        "canary-wrong-key-0004", "canary-field-0005", "canary-query-0006", "canary-body-0007", "canary-words-0008",
        "canary-token-value-0009", "canary-path-0010", "canary-qr-content-0011", "canary-wifi-0012",
    ]
    private static let canaries = [apiKey, clientSecret, accessToken] + others

    final class Lines: LineSink {
        private let store = Mutex<[String]>([])
        var all: [String] { store.withLock { $0 } }
        func write(_ line: [UInt8]) { store.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    /// How Entra and Graph behave.
    enum Upstream: String, CaseIterable {
        case good, entraRefuses, entraFails, entraBabbles, forbidden, unauthorized, throttled, failing, refusing,
            unreachable, silent

        /// Whether it is well as long as nothing is to be changed.
        var answersReads: Bool { [.good, .refusing, .failing, .silent].contains(self) }

        /// What the first request comes to: the scenario is the one that is meant.
        var expectedStatus: Int {
            switch self {
            case .good: 201
            case .entraFails, .entraBabbles, .throttled: 503
            case .refusing: 422
            case .silent, .failing: 502
            case .entraRefuses, .forbidden, .unauthorized, .unreachable: 502
            }
        }
    }

    /// - Parameter shown: what a read of Graph brings where it is answered.
    private static func answer(
        _ request: UpstreamRequest,
        _ upstream: Upstream,
        _ shown: String
    ) throws(TransportError) -> UpstreamResponse {
        let words = "canary-words-0008 \(clientSecret)"
        if request.url.description.contains("/oauth2/") {
            switch upstream {
            case .entraRefuses:
                return .json(
                    .unauthorized,
                    #"{"error":"invalid_client","error_description":"AADSTS7000215: \#(words)","error_codes":[7000215]}"#
                )
            case .entraFails: throw TransportError(.connectFailed, delivery: .notSent, detail: "no route")
            case .entraBabbles: return .json(.ok, #"{"access_token":"\#(accessToken)","words":"\#(words)"#)
            default: return .json(.ok, #"{"token_type":"Bearer","expires_in":3600,"access_token":"\#(accessToken)"}"#)
            }
        }
        let fault = #"{"error":{"code":"Some","message":"\#(words) \#(accessToken)"}}"#
        let isRead = request.method == .get
        switch upstream {
        case .forbidden: return .json(.forbidden, fault)
        case .unauthorized: return .json(.unauthorized, fault)
        case .throttled: return .json(.tooManyRequests, fault, fields: [.retryAfter: "600"])
        case .refusing where !isRead: return .json(.badRequest, fault)
        case .unreachable: throw TransportError(.nameNotResolved, delivery: .notSent, detail: "no such name")
        case .silent where !isRead: throw TransportError(.connectionLost, delivery: .unknown, detail: "ended")
        case .failing where !isRead: return .json(.internalServerError, fault)
        default:
            guard isRead else { return UpstreamResponse(status: .noContent, fields: [.graphRequestID: "graph-id"]) }
            return .json(.ok, shown)
        }
    }

    private static let ended =
        #"{"id":"\#(Gateway.profile)","tokenValue":"canary-token-value-0009","tokenExpirationDateTime":"2020-01-01T00:00:00Z"}"#

    private static let requests: [(HTTPRequest.Method, String, [(String, String)], String?)] = [
        (.post, Gateway.path, [("X-API-Key", apiKey), ("X-Thing", "canary-field-0005")], nil),
        (
            .post, Gateway.path + "?kind=device-owner", [("X-API-Key", apiKey)] + jsonFields,
            #"{"tokenValidityInSeconds":3600}"#
        ),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("Prefer", "return=minimal")], nil),
        (.post, Gateway.path, [("X-API-Key", "canary-wrong-key-0004")], nil),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("X-API-Key", apiKey)], nil),
        (.post, Gateway.path, [("Authorization", "Bearer \(apiKey)")], nil),
        (.post, Gateway.path + "?api_key=" + apiKey, [], nil),
        (.post, Gateway.path + "?kind=canary-query-0006", [("X-API-Key", apiKey)], nil),
        (.post, Gateway.path, [("X-API-Key", apiKey)] + jsonFields, #"{"tokenValidityInSeconds":"canary-body-0007"}"#),
        (.post, Gateway.path, [("X-API-Key", apiKey)] + jsonFields, "canary-body-0007"),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("Content-Type", "canary-field-0005")], "canary-body-0007"),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("Accept", "canary/field-0005")], nil),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("Idempotency-Key", "canary-field-0005")], nil),
        (.post, Gateway.path, [("X-API-Key", apiKey), ("X-Request-ID", "canary-field-0005 !")], nil),
        (.post, "/profiles/canary-path-0010/token", [("X-API-Key", apiKey)], nil),
        (.get, "/canary-path-0010?canary-query-0006", [("X-API-Key", apiKey)], nil),
        (.get, Gateway.path, [("X-API-Key", apiKey)], nil),
    ]

    @Test(
        "no canary is in any log line, in either format, or in any span or answer",
        arguments: Upstream.allCases,
        LogFormat.allCases
    )
    func routes(upstream: Upstream, format: LogFormat) async throws {
        let lines = Lines()
        let queue = SpanQueue(capacity: 10_000, batch: 10_000)
        let applications = try applications(
            upstream,
            LogConfiguration(level: .trace, format: format).logger(sink: lines),
            tracer: SpanTracer(queue: queue)
        )
        let answers = try await applications.gateway().test(.router) { client in
            var answers: [Answer] = []
            for request in Self.requests {
                var fields = HTTPFields()
                for (name, value) in request.2 { fields.append(HTTPField(name: .init(name)!, value: value)) }
                let response = try await client.executeRequest(
                    uri: request.1,
                    method: request.0,
                    headers: fields,
                    body: request.3.map { ByteBuffer(string: $0) }
                )
                answers.append(
                    Answer(
                        status: response.status.code,
                        fields: response.headers.map { ($0.name.rawName, $0.value) },
                        body: String(buffer: response.body)
                    )
                )
            }
            return answers
        }
        #expect(answers.count == Self.requests.count)
        #expect(answers.first?.status == upstream.expectedStatus)
        let spans = queue.take()
        expectNoCanary(lines.all + [SpanDocument(resource: [], scope: "test").text(spans)], answers)
        expectNoCanary([try Self.dumped(applications)], [])
        // The scenario did reach the log, and the traces.
        #expect(lines.all.count >= Self.requests.count)
        #expect(spans.count { $0.kind == .server } == Self.requests.count)
        #expect(spans.contains { $0.kind == .client })
    }

    @Test(
        "no canary comes from the edge either",
        arguments: [
            RawRequest.post(host: nil, key: apiKey, ["X-Thing: canary-field-0005"]),
            RawRequest.post(key: apiKey, ["X-Thing: canary-field-0005\u{1}"]),
            RawRequest.post("http://canary-path-0010/?canary-query-0006", key: apiKey),
            RawRequest.post("/canary-path-0010" + String(repeating: "x", count: 9000), key: apiKey),
            RawRequest.post(key: apiKey, ["Content-Length: canary-field-0005"]),
            RawRequest.post(key: apiKey, ["Transfer-Encoding: canary-field-0005"]),
            RawRequest.post(host: "canary-field-0005/", key: apiKey),
            RawRequest.post(key: apiKey, ["X-Thing canary-field-0005"]),
            RawRequest.post(key: apiKey, ["Content-Length: 100000"]) + "canary-body-0007",
            "canary-body-0007\r\n\r\n",
        ]
    )
    func edge(request: String) async throws {
        let lines = Lines()
        let applications = try applications(.good, LogConfiguration(level: .trace, format: .json).logger(sink: lines))
        let answer = try await applications.gateway().test(.live) { client in
            try await Wire.connect(client.port!) { wire in
                try await wire.send(request)
                return try await wire.answer()
            }
        }
        expectNoCanary([try Self.dumped(applications)], [])
        let refusal = try #require(answer)
        #expect((400...431).contains(refusal.status))
        expectNoCanary(lines.all, [refusal])
        #expect(lines.all.contains { $0.contains(#""message":"request""#) })
    }

    func applications(
        _ upstream: Upstream,
        _ logger: Logger,
        shown: String = ended,
        tracer: SpanTracer = SpanTracer()
    ) throws -> GatewayApplications {
        let clock = ManualClock(automatic: true)
        let transport = ScriptedTransport { (request, _) throws(TransportError) in
            try Self.answer(request, upstream, shown)
        }
        let entra = EntraConfiguration(
            authority: try UpstreamURL("https://login.example"),
            tenant: try TenantID("11111111-2222-3333-4444-555555555555"),
            client: try ClientID("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
            scope: try TokenScope("https://graph.example/.default"),
            credential: ClientSecretCredential(Secret(Self.clientSecret))
        )
        // Waiting for Entra is measured by the real clock: one that leaps would end the wait at once.
        let real = ContinuousClock()
        let cache = TokenCache(
            source: TokenEndpoint(configuration: entra, transport: transport, clock: real),
            clock: real,
            logger: logger
        )
        // Long enough for a machine that does much else: the real clock counts here too, from when the other one was made.
        let graph = GraphConfiguration(baseURL: try UpstreamURL("https://graph.example/beta"), deadline: .seconds(600))
        return GatewayApplications(
            configuration: GatewayConfiguration(SettingsReader(environment: [:])),
            keys: LiveKeyRing(single: SingleKey(Secret(Self.apiKey)), logger: logger),
            operations: EnrollmentTokens(configuration: graph, transport: transport, tokens: cache, clock: clock),
            checks: [],
            console: { .sample },
            tracer: tracer,
            clock: clock,
            logger: logger
        )
    }

    /// All that is kept for the console.
    private static func dumped(_ applications: GatewayApplications) throws -> String {
        let reading = try #require(applications.history).reading()
        #expect(!reading.requests.isEmpty)
        var text = ""
        dump(reading, to: &text)
        return text
    }

    /// - Parameter allowed: what those who may have it were shown.
    func expectNoCanary(
        _ lines: [String],
        _ answers: [Answer],
        but allowed: Set<String> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let shown = lines + answers.flatMap { [$0.body] + $0.fields.map { "\($0.0): \($0.1)" } }
        for text in shown {
            for canary in Self.canaries where !allowed.contains(canary) && text.contains(canary) {
                Issue.record("\(canary) is in: \(text)", sourceLocation: sourceLocation)
            }
        }
    }
}
