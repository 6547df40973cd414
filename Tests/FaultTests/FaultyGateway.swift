import Foundation
import Graph
import HTTPTypes
import HummingbirdTesting
import KeyRing
import Logging
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import GatewayAPI

/// A gateway as it is, from the router down, in front of a transport.
struct FaultyGateway {
    private static let key = "right-key-0123456789"
    private static let path = "/profiles/7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6/token"

    private let applications: GatewayApplications

    init(transport: any HTTPTransport, tokens: ScriptedAccessTokens, baseURL: String, deadline: Duration) throws {
        let reader = SettingsReader(environment: [:])
        let logger = Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() }
        applications = GatewayApplications(
            configuration: GatewayConfiguration(reader),
            keys: LiveKeyRing(single: SingleKey(Secret(Self.key)), logger: logger),
            operations: EnrollmentTokens(
                configuration: GraphConfiguration(baseURL: try UpstreamURL(baseURL), deadline: deadline),
                transport: transport,
                tokens: tokens,
                jitter: { 1 }
            ),
            checks: [],
            logger: logger
        )
    }

    /// A caller asks for a token. Returns what it is told: status, and code and outcome of a problem.
    func createToken() async throws -> String {
        let response = try await applications.gateway().test(.router) { client in
            try await client.executeRequest(
                uri: Self.path,
                method: .post,
                headers: [.apiKey: Self.key],
                body: ByteBuffer()
            )
        }
        let status = response.status.code
        guard status >= 400 else { return "\(status)" }
        let faults = ProblemCheck.faults(status: status, body: String(buffer: response.body)) { name in
            HTTPField.Name(name).flatMap { response.headers[$0] }
        }
        #expect(faults == [], "\(String(buffer: response.body))")
        let problem = try JSONDecoder().decode(ProblemFacts.self, from: Data(response.body.readableBytesView))
        let outcome =
            switch problem.outcome {
            case "unknown"?: problem.code == "outcome-unknown" ? "" : ", unknown"
            case "not-created"?: ", not created"
            case let other: ", \(other ?? "no outcome")"
            }
        return "\(status) `\(problem.code)`\(outcome)"
    }

    private struct ProblemFacts: Decodable {
        var code: String
        var outcome: String?
    }
}
