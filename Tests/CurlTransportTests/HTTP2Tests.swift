import HTTPTypes
import NIOCore
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite("HTTP/2 over TLS", .timeLimit(.minutes(5)))
struct HTTP2Tests {
    let authority: TestAuthority
    let transport: CurlTransport

    init() throws {
        authority = try TestAuthority()
        var configuration = CurlConfiguration.patient
        configuration.certificateAuthoritiesPath = authority.path
        transport = try CurlTransport(configuration: configuration)
    }

    /// Answers 204 to streams until `isFaulty` says otherwise of connection and stream count; then `fault` acts.
    func server(
        faultOn isFaulty: @escaping @Sendable (_ connection: Int, _ received: Int) -> Bool,
        _ fault: @escaping @Sendable (UInt32, WireConnection) -> Void
    ) async throws -> WireServer {
        try await WireServer(try authority.serverContext()) { event, stream, connection in
            guard event == .received else { return }
            if isFaulty(connection.index, connection.received) {
                fault(stream, connection)
            } else {
                connection.send(.head(204, stream: stream, end: true))
            }
        }
    }

    @Test("h2 is agreed on, and requests share a connection")
    func negotiated() async throws {
        let server = try await WireServer(try authority.serverContext()) { event, stream, connection in
            guard event == .received else { return }
            connection.send(
                .head(200, [("request-id", "r1")], stream: stream),
                .data("hello", stream: stream, end: true)
            )
        }
        for _ in 0..<3 {
            let response = try await transport.execute(.test(.post, server.url, body: "{}"))
            #expect(response.status == .ok)
            #expect(response.fields[HTTPField.Name("request-id")!] == "r1")
            #expect(String(buffer: response.body) == "hello")
        }
        #expect(server.negotiated == ["h2"])
        #expect(server.receivedCount == 3)
    }

    @Test("HTTP/1.1 is spoken where the server wants no other")
    func http1() async throws {
        let context = try authority.serverContext(protocols: ["http/1.1"])
        let server = try await WireServer(context) { event, _, connection in
            if event == .received { connection.send(text: noContent) }
        }
        for _ in 0..<2 {
            let response = try await transport.execute(.test(.post, server.url, body: "{}"))
            #expect(response.status == .noContent)
        }
        #expect(server.negotiated == ["http/1.1"])
        #expect(server.receivedCount == 2)
    }

    @Test(
        "a connection that dies after the stream was received: once, on a reused connection and on a new one",
        arguments: [2, 1],
        Death.allCases
    )
    func dies(onStream fatal: Int, death: Death) async throws {
        let server = try await server(faultOn: { $1 == fatal }) { $1.die(death) }
        if fatal == 2 { _ = try await transport.execute(.test(.post, server.url, body: "1")) }
        let error = try await transport.failure(of: .test(.post, server.url, body: "2"))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(server.receivedCount == fatal)
    }

    @Test("a connection that died while it was idle is noticed before it is used", arguments: Death.allCases)
    func diedIdle(death: Death) async throws {
        let server = try await server(faultOn: { _, _ in true }) { stream, connection in
            connection.send(.head(204, stream: stream, end: true))
            connection.later {
                if death == .goodbye { $0.send(.goAway(last: stream)) }
                $0.die(death)
            }
        }
        for _ in 0..<3 {
            let response = try await transport.execute(.test(.post, server.url, body: "1"))
            #expect(response.status == .noContent)
            try await eventually { openSockets(toward: server.port, established: true) == 0 }
        }
        #expect(server.receivedCount == 3)
        #expect(server.connectionCount == 3)
    }

    /// A server that is in order sends GOAWAY before TLS's goodbye. Without it libcurl 7.88 takes the connection for alive.
    @Test("an idle connection that ended with TLS's goodbye alone brings no second send")
    func goodbyeWithoutGoAway() async throws {
        let server = try await server(faultOn: { connection, _ in connection == 0 }) { stream, connection in
            connection.send(.head(204, stream: stream, end: true))
            connection.later { $0.die(.goodbye) }
        }
        _ = try await transport.execute(.test(.post, server.url, body: "1"))
        try await eventually { openSockets(toward: server.port, established: true) == 0 }
        do {
            let response = try await transport.execute(.test(.post, server.url, body: "2"))
            #expect(response.status == .noContent)
            #expect(server.receivedCount == 2)
        } catch let error as TransportError {
            #expect(error.delivery == .unknown)
            #expect(server.receivedCount == 1)
        }
    }

    /// Why the guard is there. If this fails, libcurl has changed its ways.
    @Test("what is harmless is sent again by libcurl when its reused connection is reset")
    func harmless() async throws {
        let server = try await server(faultOn: { $0 == 0 && $1 == 2 }) { $1.die(.reset) }
        _ = try await transport.execute(.test(.post, server.url, body: "1", repetition: .harmless))
        let response = try await transport.execute(.test(.post, server.url, body: "2", repetition: .harmless))
        #expect(response.status == .noContent)
        #expect(server.receivedCount == 3)
    }

    @Test("REFUSED_STREAM on a new connection proves that the request was not read; it is not sent again here")
    func refusedStream() async throws {
        let server = try await server(faultOn: { _, _ in true }) { $1.send(.reset(.refusedStream, stream: $0)) }
        let error = try await transport.failure(of: .test(.post, server.url, body: "1"))
        #expect(error.kind == .refused)
        #expect(error.delivery == .refused)
        #expect(error.maySendAgain)
        #expect(server.receivedCount == 1)
    }

    /// A refusal by RFC 9113 §6.8, but libcurl 7.88 gives up the session with an error of its own when no other stream is left.
    @Test("GOAWAY below the stream is a refusal or unknown, and brings no second send")
    func goAwayBelow() async throws {
        let server = try await server(faultOn: { _, _ in true }) { _, connection in connection.send(.goAway(last: 0)) }
        let error = try await transport.failure(of: .test(.post, server.url, body: "1"))
        #expect(error.kind == .refused || (error.kind == .connectionLost && error.delivery == .unknown))
        #expect(server.receivedCount == 1)
    }

    @Test("GOAWAY that includes the stream lets it end, and the next request goes on a new connection")
    func goAwayIncluding() async throws {
        let server = try await server(faultOn: { connection, _ in connection == 0 }) { stream, connection in
            connection.send(.goAway(last: stream), .head(204, stream: stream, end: true))
        }
        for _ in 0..<2 {
            let response = try await transport.execute(.test(.post, server.url, body: "1"))
            #expect(response.status == .noContent)
        }
        #expect(server.connectionCount == 2)
        #expect(server.receivedCount == 2)
    }

    @Test("REFUSED_STREAM on a reused connection cannot be told from its death: unknown, and once")
    func refusedStreamOnReused() async throws {
        let server = try await server(faultOn: { $1 == 2 }) { $1.send(.reset(.refusedStream, stream: $0)) }
        _ = try await transport.execute(.test(.post, server.url, body: "1"))
        let error = try await transport.failure(of: .test(.post, server.url, body: "2"))
        #expect(error.delivery == .unknown)
        #expect(server.receivedCount == 2)
    }

    @Test(
        "any other reset leaves the effect unknown",
        arguments: [HTTP2Code.internalError, .cancel, .http11Required, .noError]
    )
    func otherResets(code: HTTP2Code) async throws {
        let server = try await server(faultOn: { _, _ in true }) { $1.send(.reset(code, stream: $0)) }
        let error = try await transport.failure(of: .test(.post, server.url, body: "1"))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(server.receivedCount == 1)
    }

    @Test("an answer in full counts, though its stream is reset with NO_ERROR in the same breath")
    func answeredAndReset() async throws {
        let server = try await server(faultOn: { _, _ in true }) { stream, connection in
            connection.send(.head(204, stream: stream, end: true), .reset(.noError, stream: stream))
        }
        let response = try await transport.execute(.test(.post, server.url, body: "{}"))
        #expect(response.status == .noContent)
        #expect(server.beganCount == 1)
    }

    /// libcurl 7.88 goes on to wait for the upload when the answer has a body: then the deadline ends it, and it counts.
    @Test("an answer in full counts, though the request was not read to its end", arguments: [204, 200])
    func answeredEarly(status: Int) async throws {
        // Before the request's body is read, as RFC 9113 §8.1 has it, and as nginx does for `return 204`.
        let server = try await WireServer(try authority.serverContext()) { event, stream, connection in
            guard event == .began else { return }
            if status == 204 {
                connection.send(.head(204, stream: stream, end: true))
            } else {
                connection.send(
                    .head(200, [("content-length", "5")], stream: stream),
                    .data("hello", stream: stream, end: true)
                )
            }
            connection.later { $0.send(.reset(.noError, stream: stream)) }
        }
        let body = String(repeating: "x", count: 200_000)
        let response = try await transport.execute(.test(.post, server.url, body: body))
        #expect(response.status.code == status)
        #expect(String(buffer: response.body) == (status == 200 ? "hello" : ""))
        #expect(server.beganCount == 1)
    }

    /// libcurl 7.88 forgets an answer that comes in one piece with the reset of its stream.
    @Test("an answer in full before the request was read, reset in the same breath, counts or is unknown")
    func answeredEarlyAndReset() async throws {
        let server = try await WireServer(try authority.serverContext()) { event, stream, connection in
            guard event == .began else { return }
            connection.send(.head(204, stream: stream, end: true), .reset(.noError, stream: stream))
        }
        do {
            let response = try await transport.execute(
                .test(.post, server.url, body: String(repeating: "x", count: 200_000))
            )
            #expect(response.status == .noContent)
        } catch let error as TransportError {
            #expect(error.kind == .connectionLost)
            #expect(error.delivery == .unknown)
        }
        #expect(server.beganCount == 1)
    }

    @Test("an answer whose stream is then reset with an error is unknown, its head kept")
    func answeredThenError() async throws {
        let server = try await WireServer(try authority.serverContext()) { event, stream, connection in
            guard event == .began else { return }
            connection.send(.head(204, stream: stream, end: true))
            connection.later { $0.send(.reset(.internalError, stream: stream)) }
        }
        let error = try await transport.failure(
            of: .test(.post, server.url, body: String(repeating: "x", count: 200_000))
        )
        #expect(error.delivery == .unknown)
        #expect(error.status == .noContent)
        #expect(server.beganCount == 1)
    }

    @Test("half an answer is none, however its stream ends", arguments: [HTTP2Code.noError, .internalError, .cancel])
    func resetMidway(code: HTTP2Code) async throws {
        let server = try await server(faultOn: { _, _ in true }) { stream, connection in
            connection.send(
                .head(200, [("content-length", "10"), ("request-id", "r1")], stream: stream),
                .data("half", stream: stream)
            )
            connection.later { $0.send(.reset(code, stream: stream)) }
        }
        let error = try await transport.failure(of: .test(.post, server.url, body: "1"))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(error.status == .ok)
        #expect(error.fields[HTTPField.Name("request-id")!] == "r1")
    }

    @Test("cancelling one transfer resets its stream and leaves the connection to the others")
    func cancelStream() async throws {
        let server = try await server(faultOn: { $0 == 0 && $1 == 2 }) { _, _ in }
        _ = try await transport.execute(.test(.post, server.url, body: "1"))
        let task = Task { [transport] in try await transport.failure(of: .test(.post, server.url, body: "2")) }
        try await eventually { server.receivedCount == 2 }
        task.cancel()
        let error = try await task.value
        #expect(error.kind == .cancelled)
        #expect(error.delivery == .unknown)
        try await eventually { server.resetCount == 1 }
        _ = try await transport.execute(.test(.post, server.url, body: "3"))
        #expect(server.connectionCount == 1)
        #expect(server.receivedCount == 3)
    }

    @Test("a connection on which an answer did not come in time is used by no other request")
    func timedOutConnection() async throws {
        let server = try await server(faultOn: { $0 == 0 && $1 == 2 }) { _, _ in }
        _ = try await transport.execute(.test(.post, server.url, body: "1"))
        let error = try await transport.failure(of: .test(.post, server.url, body: "2", within: .seconds(5)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .unknown)
        for round in 3...4 { _ = try await transport.execute(.test(.post, server.url, body: "\(round)")) }
        #expect(server.connectionCount == 2)
        try await eventually { server.openCount == 1 }
    }

    @Test("what shares a connection with an answer that does not come in time is finished on it, and nothing joins it")
    func timedOutNeighbour() async throws {
        let server = try await server(faultOn: { connection, _ in connection == 0 }) { stream, connection in
            switch connection.received {
            case 2: break
            // When the second has been given up.
            case 3: connection.later(.seconds(7)) { $0.send(.head(204, stream: stream, end: true)) }
            default: connection.send(.head(204, stream: stream, end: true))
            }
        }
        _ = try await transport.execute(.test(.post, server.url, body: "1"))
        let lost = Task { [transport] in
            try await transport.failure(of: .test(.post, server.url, body: "2", within: .seconds(5)))
        }
        try await eventually { server.receivedCount == 2 }
        let neighbour = Task { [transport] in try await transport.execute(.test(.post, server.url, body: "3")) }
        #expect(try await lost.value.kind == .timedOut)
        for body in ["4", "5"] { _ = try await transport.execute(.test(.post, server.url, body: body)) }
        let read = try await transport.execute(.test(.get, server.url, repetition: .harmless))
        #expect(read.status == .noContent)
        #expect(try await neighbour.value.status == .noContent)
        #expect(server.connectionCount > 1)
        #expect(server.receivedCount == 6)
    }

    @Test("a connection that two share and on which the server breaks HTTP/2 proves no refusal")
    func sharedViolation() async throws {
        let server = try await server(faultOn: { connection, _ in connection == 0 }) { _, connection in
            // DATA on no stream (RFC 9113 §6.1), when both are here.
            if connection.received == 2 { connection.send(HTTP2Frame(.data, payload: [1])) }
        }
        let requests = (1...2).map { number in
            Task { [transport] in
                try await transport.failure(of: .test(.post, server.url, body: "\(number)", within: .seconds(15)))
            }
        }
        for request in requests {
            // It may also be that libcurl does not notice, and the deadline ends it.
            let error = try await request.value
            #expect(error.kind != .refused)
            #expect(error.delivery == .unknown)
        }
        #expect(server.receivedCount == 2)
    }

    @Test("two hundred requests at a time share a few connections and all end well")
    func parallel() async throws {
        let server = try await server(faultOn: { _, _ in false }) { _, _ in }
        try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            for number in 0..<200 {
                group.addTask { [transport] in
                    try await transport.execute(.test(.post, server.url, body: "\(number)")).status
                }
            }
            for try await status in group { #expect(status == .noContent) }
        }
        #expect(server.receivedCount == 200)
        #expect(server.connectionCount <= 16)
    }
}
