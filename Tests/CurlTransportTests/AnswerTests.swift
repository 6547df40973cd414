import Glibc
import HTTPTypes
import NIOCore
import TestSupport
import Testing
import Transport

@testable import CurlTransport

@Suite("Answers", .timeLimit(.minutes(5)))
struct AnswerTests {
    let transport: CurlTransport

    init() throws { transport = try CurlTransport(configuration: .patient) }

    @Test("an answer comes whole: status, fields with their duplicates, body")
    func whole() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 201 Created\r\nrequest-id: abc\r\nVia: a\r\nVia: b\r\nContent-Length: 5\r\n\r\nhello"
        )
        let response = try await transport.execute(.test(.get, server.url()))
        #expect(response.status == .created)
        #expect(response.fields[HTTPField.Name("request-id")!] == "abc")
        #expect(response.fields[values: .via] == ["a", "b"])
        #expect(String(buffer: response.body) == "hello")
    }

    @Test("informational answers are skipped")
    func informational() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"
        )
        let response = try await transport.execute(.test(.post, server.url()))
        #expect(response.status == .noContent)
        #expect(response.fields.count == 1)
    }

    @Test("a redirect is an answer, not an order")
    func redirect() async throws {
        let elsewhere = try RawServer.answering(noContent)
        let server = try RawServer.answering(
            "HTTP/1.1 302 Found\r\nLocation: \(elsewhere.url())\r\nContent-Length: 0\r\n\r\n"
        )
        let response = try await transport.execute(.test(.post, server.url()))
        #expect(response.status == .found)
        #expect(elsewhere.connectionCount == 0)
    }

    @Test("a body in chunks, a byte at a time, with trailers that are dropped")
    func trickle() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            let answer =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n"
            for byte in answer.utf8 {
                connection.send([byte])
                usleep(500)
            }
        }
        let response = try await transport.execute(.test(.get, server.url()))
        #expect(String(buffer: response.body) == "abcde")
        #expect(response.fields[HTTPField.Name("X-Late")!] == nil)
    }

    @Test("a body of exactly the cap is taken")
    func exactlyTheCap() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        let response = try await transport.execute(.test(.get, server.url(), maximumResponseBytes: 5))
        #expect(response.body.readableBytes == 5)
    }

    @Test("a body that ends with its connection is taken")
    func untilClose() async throws {
        let server = try RawServer.answeringOnce("HTTP/1.1 200 OK\r\n\r\nhello")
        let response = try await transport.execute(.test(.get, server.url()))
        #expect(String(buffer: response.body) == "hello")
    }

    @Test("the answer to HEAD has a length and no body")
    func head() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        let response = try await transport.execute(.test(.head, server.url(), repetition: .harmless))
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
    }

    @Test("a compressed answer stays as it came")
    func compressed() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        )
        let response = try await transport.execute(.test(.get, server.url()))
        #expect(String(buffer: response.body) == "abc")
        #expect(server.requests[0].field("accept-encoding") == nil)
    }

    @Test("timings tell a new connection from a kept-alive one")
    func timings() async throws {
        let server = try RawServer.answering(noContent)
        let first = try await transport.execute(.test(.post, server.url())).timings
        let second = try await transport.execute(.test(.post, server.url())).timings
        #expect(!first.reusedConnection)
        #expect(first.connected > .zero)
        #expect(first.firstByte >= first.connected)
        #expect(first.total >= first.firstByte)
        #expect(second.reusedConnection)
        #expect(second.connected == .zero)
        #expect(second.total > .zero)
        #expect(server.connectionCount == 1)
    }
}
