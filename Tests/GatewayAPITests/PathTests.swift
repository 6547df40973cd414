import HTTPTypes
import TestSupport
import Testing

@testable import GatewayAPI

@Suite("Paths, methods and what all answers have", .timeLimit(.minutes(5)))
struct PathTests {
    @Test(
        "an unknown path is 404 with or without a key",
        arguments: [
            "/", "/profile", "/profiles/", "/openapi.yml", "/openapi.yaml/", "//openapi.yaml", "/livez", "/readyz",
            "/metrics", "/x?api_key=1",
            "/profiles/\(Gateway.profile)/tokens", "/favicon.ico",
        ]
    )
    func unknown(path: String) async throws {
        for key in [nil, Gateway.key] {
            for method in [HTTPRequest.Method.get, .post] {
                try expect(await Gateway().send(method, path, key: key), is: ExpectedProblem(.notFound, outcome: nil))
            }
        }
    }

    @Test(
        "a wrong method is 405 with Allow",
        arguments: [
            (Gateway.path, "GET, POST, DELETE", [.put, .patch, .options, .trace]),
            (Gateway.path + "/qr-code", "GET", [.post, .put, .patch, .delete, .options]),
            ("/profiles", "GET", [.post, .put, .patch, .delete, .options]),
            ("/profiles/\(Gateway.profile)", "GET", [.post, .put, .patch, .delete, .options]),
            ("/openapi.yaml", "GET", [.post, .put, .patch, .delete, .options]),
        ] as [(String, String, [HTTPRequest.Method])]
    )
    func wrongMethod(path: String, allow: String, methods: [HTTPRequest.Method]) async throws {
        let gateway = Gateway()
        for method in methods {
            let answer = try await gateway.send(method, path, key: nil)
            try expect(answer, is: ExpectedProblem(.methodNotAllowed, outcome: nil))
            #expect(answer["Allow"] == allow)
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("a HEAD, which no path has, is 405 without a body", arguments: [Gateway.path, "/profiles", "/openapi.yaml"])
    func head(path: String) async throws {
        let answer = try await Gateway().send(.head, path)
        #expect(answer.status == 405)
        #expect(answer["Allow"]?.contains("GET") == true)
        #expect(answer["Content-Type"] == "application/problem+json")
        #expect(answer.body == "")
    }

    @Test("the contract is the file at the root, byte by byte, and asks for no key")
    func contract() async throws {
        let answer = try await Gateway().send(.get, "/openapi.yaml", key: nil)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/yaml")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer.body == Contract.text)
        try expect(
            await Gateway().send(.get, "/openapi.yaml", key: nil, [("Accept", "application/json")]),
            is: ExpectedProblem(.notAcceptable, outcome: nil, member: "Accept")
        )
        try expect(
            await Gateway().send(.get, "/openapi.yaml?x=1", key: nil),
            is: ExpectedProblem(.requestInvalid, outcome: nil, member: "x")
        )
    }

    // MARK: X-Request-ID

    @Test(
        "a sane id is taken over, on answers of every kind",
        arguments: ["a", "A.b_c-9", String(repeating: "x", count: 128)]
    )
    func adopted(id: String) async throws {
        for (method, path, key) in [
            (HTTPRequest.Method.post, Gateway.path, Gateway.key), (.post, Gateway.path, "wrong"), (.get, "/x", ""),
            (.get, "/openapi.yaml", ""),
        ] {
            let answer = try await Gateway().send(method, path, key: key, [("X-Request-ID", id)])
            #expect(answer["X-Request-ID"] == id)
            if answer.status >= 400 { #expect(try answer.decoded(ProblemDocument.self).requestId == id) }
        }
    }

    @Test(
        "any other id is replaced",
        arguments: [
            [""], ["a b"], ["a\"b"], ["é"], ["a/b"], ["a:b"], [String(repeating: "x", count: 129)], ["a", "a"],
            ["a", "b"], ["${jndi:x}"],
        ]
    )
    func replaced(ids: [String]) async throws {
        let answer = try await Gateway().send(.get, "/x", ids.map { ("X-Request-ID", $0) })
        #expect(answer["X-Request-ID"]?.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
    }

    @Test("fresh ids are unlike each other")
    func fresh() async throws {
        let gateway = Gateway()
        let ids = try await gateway.withRouter { router in
            var ids: Set<String> = []
            for _ in 0..<50 { ids.insert(try await router.send()["X-Request-ID"] ?? "") }
            return ids
        }
        #expect(ids.count == 50)
    }
}
