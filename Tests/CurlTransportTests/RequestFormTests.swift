import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import CurlTransport

@Suite("Requests on the wire", .timeLimit(.minutes(5)))
struct RequestFormTests {
    let server: RawServer
    let transport: CurlTransport

    init() throws {
        server = try RawServer.answering(noContent)
        transport = try CurlTransport(configuration: CurlConfiguration(userAgent: "gateway/1"))
    }

    func sent(_ request: UpstreamRequest) async throws -> RawRequest {
        _ = try await transport.execute(request)
        return try #require(server.requests.last)
    }

    @Test("the head of a POST, to the byte")
    func post() async throws {
        let fields: HTTPFields = [
            .contentType: "application/json", .authorization: "Bearer abc", .accept: "application/json",
        ]
        let request = try await sent(.test(.post, server.url("/a/b?c=d"), fields: fields, body: #"{"a":1}"#))
        let lines = Set(request.head.split(separator: "\r\n").map(String.init))
        #expect(
            lines == [
                "POST /a/b?c=d HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: gateway/1",
                "Content-Type: application/json", "Authorization: Bearer abc", "Accept: application/json",
                "Content-Length: 7",
            ]
        )
        #expect(request.body == #"{"a":1}"#)
    }

    @Test("nothing is added to a request without fields but what the connection needs")
    func bare() async throws {
        let request = try await sent(.test(.post, server.url()))
        let lines = Set(request.head.split(separator: "\r\n").map(String.init))
        #expect(
            lines == [
                "POST / HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: gateway/1", "Content-Length: 0",
            ]
        )
    }

    @Test(
        "each method goes out under its name, with a length where it may have a body",
        arguments: [
            (HTTPRequest.Method.get, nil, nil), (.head, nil, nil), (.delete, nil, nil), (.options, nil, nil),
            (.post, nil, "0"), (.put, nil, "0"), (.patch, "{}", "2"), (.delete, "{}", "2"), (.put, "x", "1"),
        ] as [(HTTPRequest.Method, String?, String?)]
    )
    func methods(method: HTTPRequest.Method, body: String?, length: String?) async throws {
        let request = try await sent(.test(method, server.url("/x"), body: body))
        #expect(request.head.hasPrefix("\(method.rawValue) /x HTTP/1.1\r\n"))
        #expect(request.field("content-length") == length)
        #expect(request.body == body ?? "")
    }

    @Test("fields that belong to the connection are left out, also Expect, which would bring a second send")
    func ownedFields() async throws {
        var fields = HTTPFields()
        for name in ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "TE", "Upgrade"] {
            fields[HTTPField.Name(name)!] = "100-continue"
        }
        let request = try await sent(
            .test(.post, server.url(), fields: fields, body: String(repeating: "x", count: 2 << 20))
        )
        #expect(request.field("host") == "127.0.0.1:\(server.port)")
        #expect(request.field("content-length") == "2097152")
        for name in ["transfer-encoding", "connection", "expect", "te", "upgrade"] {
            #expect(request.field(name) == nil)
        }
    }

    @Test("an empty field is sent, and one with many values as often as it is there")
    func oddFields() async throws {
        var fields = HTTPFields()
        fields[HTTPField.Name("X-Empty")!] = ""
        fields[values: HTTPField.Name("X-Two")!] = ["1", "2"]
        let request = try await sent(.test(.get, server.url(), fields: fields))
        #expect(request.field("x-empty") == "")
        #expect(request.head.contains("X-Two: 1\r\n"))
        #expect(request.head.contains("X-Two: 2"))
    }

    @Test("a body of a megabyte arrives whole")
    func largeBody() async throws {
        let body = String(repeating: "0123456789abcdef", count: 65_536)
        let request = try await sent(.test(.post, server.url(), body: body))
        #expect(request.body == body)
    }

    @Test("one request leaves nothing for the next on the same handle")
    func noLeftovers() async throws {
        _ = try await sent(.test(.patch, server.url("/1"), fields: [.authorization: "Bearer abc"], body: "{}"))
        let next = try await sent(.test(.get, server.url("/2")))
        #expect(next.head.hasPrefix("GET /2 HTTP/1.1\r\n"))
        #expect(next.field("authorization") == nil)
        #expect(next.field("content-length") == nil)
        #expect(next.body == "")
    }
}
