import Glibc
import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import CurlTransport

/// Once the request has begun to be written, a failure leaves its effect unknown.
@Suite("Faults after the request", .timeLimit(.minutes(5)))
struct AnswerFaultTests {
    let transport: CurlTransport

    init() throws { transport = try CurlTransport(configuration: .patient) }

    @Test(
        "what the server does instead of answering, and what is made of it",
        arguments: [
            // Nothing, or not enough of it.
            ("", TransportError.Kind.connectionLost, nil),
            ("HTTP/1.1 200 OK\r\nContent-Le", .connectionLost, nil),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .connectionLost, 200),
            ("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", .connectionLost, 500),
            ("HTTP/1.1 100 Continue\r\n\r\n", .connectionLost, nil),
            // Nonsense.
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n", .malformedResponse, 200),
            ("HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n", .malformedResponse, nil),
            ("HTTP/1.1 200 OK\r\nBad name: 1\r\n\r\n", .malformedResponse, nil),
            ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", .malformedResponse, nil),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", .malformedResponse, nil),
            ("HTTP/1.1 2000 OK\r\n\r\n", .malformedResponse, nil),
            ("SSH-2.0-OpenSSH_9.2\r\n", .malformedResponse, nil),
            ("<html><body>hello</body></html>\r\n\r\n", .malformedResponse, nil),
            // Too much.
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n", .malformedResponse, nil),
            (
                "HTTP/1.1 200 OK\r\n"
                    + String(repeating: "X: " + String(repeating: "x", count: 1_000) + "\r\n", count: 70),
                .malformedResponse, nil
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", .responseTooLarge, 200),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "x", count: 1_001),
                .responseTooLarge, 200
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 100_000),
                .responseTooLarge, 200
            ),
        ] as [(String, TransportError.Kind, Int?)]
    )
    func instead(answer: String, kind: TransportError.Kind, status: Int?) async throws {
        let server = try RawServer.answeringOnce(answer)
        let error = try await transport.failure(of: .test(.post, server.url(), body: "{}", maximumResponseBytes: 1_000))
        #expect(error.kind == kind)
        #expect(error.delivery == .unknown)
        #expect(error.status?.code == status)
        #expect(!error.maySendAgain)
        #expect(server.requests.count == 1)
    }

    @Test("a reset instead of an answer")
    func reset() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.reset()
        }
        let error = try await transport.failure(of: .test(.post, server.url()))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(server.requests.count == 1)
    }

    @Test("a reset in the middle of the answer keeps the head that came")
    func resetMidway() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 10\r\n\r\nhalf")
            // Until the client has the first half there is nothing to see of it: a reset may overtake it.
            usleep(100_000)
            connection.reset()
        }
        let error = try await transport.failure(of: .test(.post, server.url()))
        #expect(error.kind == .connectionLost)
        #expect(error.status == .serviceUnavailable)
        #expect(error.fields[.retryAfter] == "7")
    }

    @Test("a black hole ends at the deadline")
    func blackHole() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let error = try await transport.failure(of: .test(.post, server.url(), within: .seconds(10)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .unknown)
        #expect(error.status == nil)
    }

    @Test("an answer that never ends, a byte at a time, ends at the deadline with its head")
    func trickleForever() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n")
            for _ in 0..<6_000 {
                connection.send("x")
                usleep(10_000)
            }
        }
        let error = try await transport.failure(of: .test(.post, server.url(), within: .seconds(10)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .unknown)
        #expect(error.status == .accepted)
    }

    @Test("what the server reads does not end: the deadline bounds the sending too")
    func unreadRequest() async throws {
        let server = try RawServer { connection in usleep(30_000_000) }
        let body = String(repeating: "x", count: 32 << 20)
        let error = try await transport.failure(of: .test(.post, server.url(), body: body, within: .seconds(10)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .unknown)
    }
}
