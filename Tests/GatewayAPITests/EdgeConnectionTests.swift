import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("Connections", .timeLimit(.minutes(1)))
struct EdgeConnectionTests {
    @Test("a connection is used again, and pipelined requests are answered in order")
    func order() async throws {
        let gateway = Gateway()
        let ids = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(fields: ["X-Request-ID: zero"]))
                var ids = [try await wire.answer()?["X-Request-ID"]]
                let requests = (1...5).map { RawRequest.post(fields: ["X-Request-ID: n\($0)"], body: "{}") }
                try await wire.send(requests.joined())
                for _ in 1...5 { ids.append(try await wire.answer()?["X-Request-ID"]) }
                return ids
            }
        }
        #expect(ids == ["zero", "n1", "n2", "n3", "n4", "n5"])
        #expect(gateway.tokens.calls.count == 6)
    }

    @Test("a bad request behind a good slow one is answered after it")
    func badBehindGood() async throws {
        let begun = Event()
        let goOn = Event()
        let gateway = Gateway(
            tokens: ScriptedTokens { (_, validity) throws(GraphError) in
                begun.happen()
                await goOn.wait()
                return .sample(validity: validity)
            }
        )
        let (first, second, rest) = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post())
                await begun.wait()
                try await wire.send("not a request\r\n\r\n")
                goOn.happen()
                return (try await wire.answer(), try await wire.answer(), try await wire.rest())
            }
        }
        #expect(first?.status == 201)
        try expect(#require(second), is: ExpectedProblem(.requestInvalid))
        #expect(rest.isEmpty)
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test(
        "the connection ends after the answer where the caller says or means so",
        arguments: [
            RawRequest.post(fields: ["Connection: close"]), RawRequest.post(fields: ["Connection: Close"]),
            RawRequest.post(fields: ["Connection: x, close"]), RawRequest.post(version: "HTTP/1.0"),
            RawRequest.post(version: "HTTP/1.0", host: nil),
        ]
    )
    func close(request: String) async throws {
        let gateway = Gateway()
        let (answer, rest) = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                // What comes behind the last request must not be looked at (RFC 9112 §9.6).
                try await wire.send(request + RawRequest.post())
                return (try await wire.answer(), try await wire.rest())
            }
        }
        #expect(answer?.status == 201)
        #expect(answer?["Connection"] == "close")
        #expect(rest.isEmpty)
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("a caller that closes its sending side still gets its answer")
    func halfClosed() async throws {
        let gateway = Gateway()
        let answer = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post())
                try await wire.finishSending()
                return try await wire.answer()
            }
        }
        #expect(answer?.status == 201)
    }

    @Test("a connection on which nothing comes ends without a word")
    func idle() async throws {
        let gateway = Gateway(limits: { $0.idleTimeout = .milliseconds(300) })
        let rest = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in try await wire.rest() }
        }
        #expect(rest.isEmpty)
        #expect(gateway.accessLines.isEmpty)
    }

    @Test("a refusal of a HEAD has no body")
    func head() async throws {
        let rest = try await Gateway().withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.make("HEAD", Gateway.path, ["Content-Length: 99999999"]))
                let answer = try await wire.answer(toHEAD: true)
                #expect(answer?.status == 413)
                return try await wire.rest()
            }
        }
        #expect(rest.isEmpty)
    }
}
