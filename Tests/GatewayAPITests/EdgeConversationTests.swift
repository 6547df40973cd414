import Testing

@testable import GatewayAPI
@testable import Graph

/// What goes well over real connections, and in which order.
@Suite("Conversations with the edge", .timeLimit(.minutes(5)))
struct EdgeConversationTests {
    private static let begin =
        "POST \(Gateway.path) HTTP/1.1\r\nHost: gateway.test\r\nX-API-Key: \(Gateway.key)\r\nContent-Type: application/json\r\n"

    /// One conversation on one connection.
    private func converse(
        with gateway: Gateway = Gateway(),
        _ body: @Sendable (inout Wire) async throws -> Void
    ) async throws {
        try await gateway.withServer { port in try await Wire.connect(port) { wire in try await body(&wire) } }
    }

    @Test("a connection serves one request after the other")
    func keepAlive() async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            for number in 0..<5 {
                try await wire.send(RawRequest.post(["X-Request-ID: n\(number)"], body: "{}"))
                let answer = try #require(await wire.answer())
                #expect(answer.status == 201)
                #expect(answer["X-Request-ID"] == "n\(number)")
                #expect(answer["Connection"] != "close")
            }
        }
        #expect(gateway.tokens.calls.count == 5)
        // A client of another test may come by, where this port was its server's a moment ago.
        let ids = gateway.accessLines.compactMap { $0["request.id"] }.filter { $0.hasPrefix("n") }
        #expect(ids == (0..<5).map { "n\($0)" })
    }

    @Test("errors of the router leave the connection usable")
    func keepAliveAfterErrors() async throws {
        try await converse { wire in
            try await wire.send(RawRequest.post(body: "garbage"))
            #expect(try await wire.answer()?.status == 400)
            try await wire.send(RawRequest.make("GET", "/nothing"))
            #expect(try await wire.answer()?.status == 404)
            try await wire.send(RawRequest.post(key: "wrong", body: "{}"))
            #expect(try await wire.answer()?.status == 401)
            try await wire.send(RawRequest.post())
            #expect(try await wire.answer()?.status == 201)
        }
    }

    @Test("an answer to HEAD has no body, so that the next answer is not misread")
    func head() async throws {
        try await converse { wire in
            for path in ["/openapi.yaml", "/nothing", Gateway.path] {
                try await wire.send(RawRequest.make("HEAD", path))
                let answer = try #require(await wire.answer(toHEAD: true))
                #expect(answer.status == (path == "/nothing" ? 404 : 405))
                try await wire.send(RawRequest.post())
                #expect(try await wire.answer()?.status == 201)
            }
        }
    }

    @Test(
        "Connection: close is obeyed, in any case and among other words",
        arguments: ["close", "Close", "keep-alive, close", "close, x"]
    )
    func close(value: String) async throws {
        try await converse { wire in
            try await wire.send(RawRequest.post(["Connection: \(value)"]))
            let answer = try #require(await wire.answer())
            #expect(answer.status == 201)
            #expect(answer["Connection"] == "close")
            #expect(try await wire.rest() == "")
        }
    }

    @Test(
        "nothing behind a Connection: close is answered or acted upon",
        arguments: [RawRequest.post(), "garbage\r\n\r\n"]
    )
    func behindClose(second: String) async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            try await wire.send(RawRequest.post(["Connection: close"]) + second)
            let answer = try #require(await wire.answer())
            #expect(answer.status == 201)
            #expect(answer["Connection"] == "close")
            #expect(try await wire.rest() == "")
        }
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("HTTP/1.0 is answered and closed, with a Host or without", arguments: ["gateway.test", nil])
    func http10(host: String?) async throws {
        try await converse { wire in
            try await wire.send(RawRequest.post(version: "HTTP/1.0", host: host, body: "{}"))
            let answer = try #require(await wire.answer())
            #expect(answer.status == 201)
            #expect(answer["Content-Length"] != nil)
            #expect(try await wire.rest() == "")
        }
    }

    @Test("a caller that closes its sending side still gets its answer")
    func halfClosed() async throws {
        try await converse { wire in
            try await wire.send(RawRequest.post(body: "{}"))
            try await wire.finishSending()
            var answer = try #require(await wire.answer())
            // Where the answer is not ready the edge asks whether anybody is left.
            while answer.status == 100 { answer = try #require(await wire.answer()) }
            #expect(answer.status == 201)
            #expect(try await wire.rest() == "")
        }
    }

    @Test("a request in single bytes is a request")
    func singleBytes() async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            for byte in RawRequest.post(body: #"{"tokenValidityInSeconds": 77}"#).utf8 { try await wire.send([byte]) }
            #expect(try await wire.answer()?.status == 201)
        }
        #expect(gateway.tokens.calls.map(\.validity) == [77])
    }

    @Test(
        "what surrounds a body's chunks is bounded",
        arguments: [("2;", "x"), ("", "0")]
    )
    func endlessChunk(start: String, more: String) async throws {
        try await Gateway().withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.begin + "Transfer-Encoding: chunked\r\n\r\n" + start)
                let sender = wire.sender
                async let sent: Void = {
                    let piece = String(repeating: more, count: 16_384 / more.utf8.count)
                    for _ in 0..<64 { try? await sender.send(piece) }
                }()
                let answer = try #require(try await wire.answer())
                try expect(answer, is: ExpectedProblem(.bodyTooLarge))
                await sent
            }
        }
    }

    @Test("a body may come in chunks of one byte")
    func smallChunks() async throws {
        try await Gateway().withServer { port in
            try await Wire.connect(port) { wire in
                let body = "{" + String(repeating: " ", count: EdgeLimits().maximumBodyBytes - 2) + "}"
                try await wire.send(Self.begin + "Transfer-Encoding: chunked\r\n\r\n")
                try await wire.send(body.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n")
                #expect(try await wire.answer()?.status == 201)
            }
        }
    }

    @Test("chunks, their extensions, and trailers: the body counts, the trailers do not")
    func chunks() async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            let body = "b;x=y\r\n{\"tokenVali\r\n14\r\ndityInSeconds\": 77} \r\n0\r\n"
            try await wire.send(
                Self.begin + "Transfer-Encoding: Chunked\r\nTrailer: Idempotency-Key\r\n\r\n" + body
                    + "Idempotency-Key: x\r\n\r\n"
            )
            #expect(try await wire.answer()?.status == 201)
            // A key in a trailer authenticates nobody.
            let keyless = Self.begin.replacing("X-API-Key: \(Gateway.key)\r\n", with: "")
            try await wire.send(
                keyless + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-API-Key: \(Gateway.key)\r\n\r\n"
            )
            try expect(#require(await wire.answer()), is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key"))
        }
        #expect(gateway.tokens.calls.map(\.validity) == [77])
    }

    @Test("a body and fields at their very limits are taken")
    func limits() async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            try await wire.send(RawRequest.post(body: "{" + String(repeating: " ", count: 16_382) + "}"))
            #expect(try await wire.answer()?.status == 201)
            try await wire.send(RawRequest.post((0..<98).map { "X-\($0): 1" }))
            #expect(try await wire.answer()?.status == 201)
            try await wire.send(RawRequest.post(["X-Long: " + String(repeating: "x", count: 15_000)]))
            #expect(try await wire.answer()?.status == 201)
            try await wire.send(RawRequest.make("GET", "/" + String(repeating: "x", count: 8191)))
            #expect(try await wire.answer()?.status == 404)
        }
    }

    // MARK: Expect and Upgrade

    @Test("Expect: 100-continue is answered 100 and then in full", arguments: ["100-continue", "100-Continue"])
    func expectContinue(value: String) async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            try await wire.send(Self.begin + "Expect: \(value)\r\nContent-Length: 2\r\n\r\n")
            let interim = try #require(await wire.answer())
            #expect(interim.status == 100)
            #expect(gateway.tokens.calls.isEmpty)
            try await wire.send("{}")
            #expect(try await wire.answer()?.status == 201)
        }
    }

    @Test("Expect without a body, or from HTTP/1.0, gets no 100")
    func noContinue() async throws {
        try await converse { wire in
            try await wire.send(RawRequest.post(["Expect: 100-continue"]))
            #expect(try await wire.answer()?.status == 201)
            try await wire.send(RawRequest.post(version: "HTTP/1.0", ["Expect: 100-continue"], body: "{}"))
            #expect(try await wire.answer()?.status == 201)
        }
    }

    @Test(
        "an offer to upgrade is declined, the request served with its body, and the connection closed",
        arguments: ["h2c", "websocket", "TLS/1.0"]
    )
    func upgrade(to protocol: String) async throws {
        let gateway = Gateway()
        try await converse(with: gateway) { wire in
            let offer = [
                "Connection: Upgrade, HTTP2-Settings", "Upgrade: \(`protocol`)", "HTTP2-Settings: AAMAAABkAAQAAP__",
            ]
            try await wire.send(RawRequest.post(offer, body: #"{"tokenValidityInSeconds": 77}"#))
            let answer = try #require(await wire.answer())
            #expect(answer.status == 201)
            #expect(answer["Connection"] == "close")
            #expect(try await wire.rest() == "")
        }
        #expect(gateway.tokens.calls.map(\.validity) == [77])
    }

    // MARK: Slow callers

    private static func impatient() -> Gateway {
        Gateway(limits: {
            $0.headerTimeout = .milliseconds(400)
            $0.bodyTimeout = .milliseconds(400)
        })
    }

    @Test(
        "a head that stops is 408",
        arguments: ["P", "POST \(Gateway.path) HTTP/1.1\r\nHost: gateway.test\r\n", "\r\n"]
    )
    func slowHead(text: String) async throws {
        let gateway = Self.impatient()
        try await converse(with: gateway) { wire in
            try await wire.send(text)
            try expect(#require(await wire.answer()), is: ExpectedProblem(.requestTimeout))
            #expect(try await wire.rest() == "")
        }
        #expect(gateway.tokens.calls.isEmpty)
        #expect(gateway.accessLines.count { $0["problem.code"] == "request-timeout" } == 1)
    }

    @Test("a body that stops is 408")
    func slowBody() async throws {
        let gateway = Self.impatient()
        try await converse(with: gateway) { wire in
            try await wire.send(Self.begin + "X-Request-ID: slow\r\nContent-Length: 100\r\n\r\n{")
            let answer = try #require(await wire.answer())
            try expect(answer, is: ExpectedProblem(.requestTimeout))
            #expect(answer["X-Request-ID"] == "slow")
            #expect(try await wire.rest() == "")
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "pieces that come in time do not make a body as a whole in time",
        arguments: [
            "Content-Length: 10000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n", "X-Drip: ",
        ]
    )
    func dripping(end: String) async throws {
        let gateway = Self.impatient()
        let piece = end.contains("chunked") ? "1\r\n \r\n" : " "
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.begin + end)
                // Real pieces over real time: it is the edge's own timer that is meant.
                let drip = Task { [sender = wire.sender] in
                    while !Task.isCancelled {
                        do { try await sender.send(piece) } catch { return }
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
                let answer = try #require(await wire.answer())
                drip.cancel()
                await drip.value
                try expect(answer, is: ExpectedProblem(.requestTimeout))
            }
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("a creation that takes long is not cut off by the limits for slow callers")
    func slowCreation() async throws {
        let tokens = ScriptedTokens { (_, validity) async throws(GraphError) in
            try? await Task.sleep(for: .seconds(4))
            return .sample(validity: validity)
        }
        let gateway = Gateway(
            tokens: tokens,
            limits: {
                $0.headerTimeout = .seconds(2)
                $0.bodyTimeout = .seconds(2)
                $0.idleTimeout = .seconds(2)
            }
        )
        // On a busy machine the request itself may come too late, which is not what is asked here.
        while tokens.calls.isEmpty {
            try await converse(with: gateway) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                let answer = try await wire.answer()
                if tokens.calls.isEmpty { return }
                #expect(answer?.status == 201)
                // And then the connection is idle.
                #expect(try await wire.rest() == "")
            }
        }
    }

    // MARK: Pipelining

    /// A creator whose first call waits.
    private static func slowFirst(_ begun: Event, _ end: Event) -> ScriptedTokens {
        ScriptedTokens { (_, validity) async throws(GraphError) in
            if validity == 1000 {
                begun.happen()
                await end.wait()
            }
            return .sample(validity: validity)
        }
    }

    private static let slow = RawRequest.post(["X-Request-ID: slow"], body: #"{"tokenValidityInSeconds": 1000}"#)

    @Test("pipelined requests are answered in their order")
    func pipelined() async throws {
        let (begun, end) = (Event(), Event())
        let gateway = Gateway(tokens: Self.slowFirst(begun, end))
        try await converse(with: gateway) { wire in
            let others = (0..<5).map { RawRequest.post(["X-Request-ID: n\($0)"], body: "{}") }.joined()
            try await wire.send(Self.slow + others)
            await begun.wait()
            end.happen()
            var ids: [String?] = []
            for _ in 0..<6 { ids.append(try await wire.answer()?["X-Request-ID"]) }
            #expect(ids == ["slow", "n0", "n1", "n2", "n3", "n4"])
        }
        #expect(gateway.tokens.calls.count == 6)
    }

    @Test(
        "a bad request behind a good one is answered after it, and nothing behind the bad one",
        arguments: [
            "garbage\r\n\r\n", RawRequest.post(host: nil), "POST /" + String(repeating: "x", count: 20_000),
            begin + "Content-Length: 1000000\r\n\r\n",
        ]
    )
    func badBehindGood(bad: String) async throws {
        let (begun, end) = (Event(), Event())
        let gateway = Gateway(tokens: Self.slowFirst(begun, end))
        try await converse(with: gateway) { wire in
            try await wire.send(Self.slow + bad + RawRequest.post())
            await begun.wait()
            end.happen()
            let first = try #require(await wire.answer())
            #expect(first.status == 201)
            #expect(first["X-Request-ID"] == "slow")
            let second = try #require(await wire.answer())
            #expect((400...431).contains(second.status))
            #expect(second["Content-Type"] == "application/problem+json")
            #expect(second["Connection"] == "close")
            #expect(try await wire.rest() == "")
        }
        #expect(gateway.tokens.calls.map(\.validity) == [1000])
        #expect(gateway.accessLines.count == 2)
    }

    @Test("many requests at once are all answered, in their order, and with what needs no waiting among them")
    func flood() async throws {
        let gateway = Gateway()
        let count = 600
        try await converse(with: gateway) { wire in
            let requests = (0..<count).map { number in
                let id = "X-Request-ID: n\(number)"
                return number % 3 == 0 ? RawRequest.post([id], body: "{}") : RawRequest.make("GET", "/nothing", [id])
            }
            let sender = wire.sender
            async let sending: Void = sender.send(requests.joined())
            for number in 0..<count {
                let answer = try #require(await wire.answer())
                #expect(answer.status == (number % 3 == 0 ? 201 : 404))
                #expect(answer["X-Request-ID"] == "n\(number)")
            }
            try await sending
        }
        #expect(gateway.tokens.calls.count == count / 3)
    }

    @Test("a caller that hangs up does not disturb the others")
    func hangUp() async throws {
        let (begun, end) = (Event(), Event())
        let gateway = Gateway(tokens: Self.slowFirst(begun, end))
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.slow)
                await begun.wait()
            }
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post())
                #expect(try await wire.answer()?.status == 201)
            }
            end.happen()
        }
        #expect(gateway.tokens.calls.count == 2)
    }
}
