import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import CurlTransport

@Suite("Secrets in the transport", .timeLimit(.minutes(5)))
struct SecrecyTests {
    static let secret = "s3cr3t-canary-0123456789"

    /// Each is what a server sends after the request; some throw the secret back.
    static let answers = [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "HTTP/1.1 200 OK\r\n\(secret)\r\n\r\n",
        "\(secret)\r\n\r\n",
        "HTTP/1.1 \(secret)\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \(secret)\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(secret)\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: \(secret)\r\n\r\n", "HTTP/9.9 200 \(secret)\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
    ]

    @Test("no detail of an error holds an authorization, nor what the server made of it", arguments: answers)
    func details(answer: String) async throws {
        let server = try RawServer.answeringOnce(answer)
        let transport = try CurlTransport(configuration: .patient)
        let request = try UpstreamRequest.test(
            .post,
            server.url(),
            fields: [.authorization: "Bearer \(Self.secret)"],
            body: "client_secret=\(Self.secret)",
            within: .seconds(60)
        )
        do {
            _ = try await transport.execute(request)
            // Some libcurl versions take an odd transfer coding for a body that ends with the connection.
            #expect(answer.contains("Transfer-Encoding: \(Self.secret)"))
        } catch {
            #expect(!error.detail.contains(Self.secret))
            #expect(server.requests[0].head.contains(Self.secret))
        }
    }

    @Test(
        "an error before the request holds none either",
        arguments: ["https://nowhere.invalid/", "https://127.0.0.1:1/"]
    )
    func connecting(url: String) async throws {
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(
            of: .test(.post, url, fields: [.authorization: "Bearer \(Self.secret)"])
        )
        #expect(!error.detail.contains(Self.secret))
    }
}
