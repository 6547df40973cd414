import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import GatewayAPI

@Suite("Callers that are slow or ask first", .timeLimit(.minutes(1)))
struct EdgeTimeTests {
    private static let short = Duration.milliseconds(300)

    /// Sends nothing more than `beginning`, and gives the answer to it.
    private func answer(_ gateway: Gateway, to beginning: String) async throws -> (Answer?, String) {
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(beginning)
                return (try await wire.answer(), try await wire.rest())
            }
        }
    }

    @Test(
        "a head or a body that stops is 408",
        arguments: [
            "P", "POST \(Gateway.path) HTTP/1.1\r\n", "POST \(Gateway.path) HTTP/1.1\r\nHost: gateway.test\r\nX-A",
            RawRequest.post(fields: ["Content-Length: 2"]), RawRequest.post(fields: ["Content-Length: 2"]) + "{",
            RawRequest.post(fields: ["Transfer-Encoding: chunked"]) + "2\r\n{}\r\n",
        ]
    )
    func stops(beginning: String) async throws {
        let gateway = Gateway(limits: {
            $0.headerTimeout = Self.short
            $0.bodyTimeout = Self.short
        })
        let (answer, rest) = try await answer(gateway, to: beginning)
        let refusal = try #require(answer)
        try expect(refusal, is: ExpectedProblem(.requestTimeout))
        #expect(refusal["Connection"] == "close")
        #expect(rest.isEmpty)
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("pieces of a body that come in time do not renew the time for the whole", arguments: [true, false])
    func trickle(inBody: Bool) async throws {
        let gateway = Gateway(limits: {
            $0.headerTimeout = .milliseconds(600)
            $0.bodyTimeout = .milliseconds(600)
        })
        let start = inBody ? RawRequest.post(fields: ["Content-Length: 16000"]) : "GET / HTTP/1.1\r\nX-A: "
        let answer = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(start)
                // Ends by itself once the connection does.
                let outbound = wire.outbound
                async let sent: Void = {
                    for _ in 0..<1000 {
                        try await outbound.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }()
                let answer = try await wire.answer()
                _ = try await wire.rest()
                try? await sent
                return answer
            }
        }
        try expect(#require(answer), is: ExpectedProblem(.requestTimeout))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("who expects 100 Continue gets it, and then the answer")
    func expectContinue() async throws {
        let gateway = Gateway()
        let body = #"{"tokenValidityInSeconds": 3600}"#
        let statuses = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                let fields = [
                    "Expect: 100-continue", "Content-Type: application/json", "Content-Length: \(body.count)",
                ]
                try await wire.send(RawRequest.post(fields: fields))
                let first = try await wire.answer()
                try await wire.send(body)
                return [first?.status, try await wire.answer()?.status]
            }
        }
        #expect(statuses == [100, 201])
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("who expects 100 Continue for a body that is too large gets 413 at once")
    func expectTooLarge() async throws {
        let gateway = Gateway()
        let (answer, rest) = try await answer(
            gateway,
            to: RawRequest.post(fields: ["Expect: 100-continue", "Content-Length: 1000000"])
        )
        try expect(#require(answer), is: ExpectedProblem(.bodyTooLarge))
        #expect(rest.isEmpty)
    }
}
