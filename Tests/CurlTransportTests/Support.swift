import HTTPTypes
import NIOCore
import TestSupport
import Testing
import Transport

@testable import CurlTransport

extension UpstreamRequest {
    /// A request to a test's server.
    static func test(
        _ method: HTTPRequest.Method,
        _ url: String,
        fields: HTTPFields = [:],
        body: String? = nil,
        repetition: Repetition = .never,
        cancellation: Cancellation = .atAnyTime,
        within: Duration = .seconds(60),
        maximumResponseBytes: Int = UpstreamRequest.defaultMaximumResponseBytes
    ) throws -> UpstreamRequest {
        UpstreamRequest(
            method: method,
            url: try UpstreamURL(url),
            fields: fields,
            body: body.map { ByteBuffer(string: $0) },
            repetition: repetition,
            cancellation: cancellation,
            deadline: .now + within,
            maximumResponseBytes: maximumResponseBytes
        )
    }
}

extension RawServer {
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// A server that answers each request with `answer`, as often as it is asked.
    static func answering(_ answer: String) throws -> RawServer {
        try RawServer { connection in
            while connection.readRequest() != nil { connection.send(answer) }
        }
    }

    /// A server that sends `answer` after the first request of a connection, and ends the connection.
    static func answeringOnce(_ answer: String) throws -> RawServer {
        try RawServer { connection in
            _ = connection.readRequest()
            connection.send(answer)
        }
    }
}

extension CurlTransport {
    /// The error of a request that has to fail.
    func failure(of request: UpstreamRequest, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> TransportError
    {
        do {
            let response = try await execute(request)
            Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
            throw UnexpectedAnswer()
        } catch let error as TransportError {
            return error
        }
    }
}

extension CurlConfiguration {
    /// For tests that go on with a connection: on a busy machine there may be half a minute between two of their steps.
    static let patient = CurlConfiguration(
        connectTimeout: .seconds(60),
        maximumIdleAge: .seconds(600),
        maximumIdleAgeForSingleSends: .seconds(600)
    )

    static func patient(_ change: (inout CurlConfiguration) -> Void) -> CurlConfiguration {
        var configuration = patient
        change(&configuration)
        return configuration
    }
}

struct UnexpectedAnswer: Error {}

let noContent = "HTTP/1.1 204 No Content\r\n\r\n"
