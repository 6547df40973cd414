import Foundation
import Testing

@Suite("Hostile input, end to end", .timeLimit(.minutes(5)))
struct HostileInputTests {
    @Test("nothing that is not a proper request reaches Graph")
    func nothingSent() async throws {
        let deployment = try await Deployment.start()
        let key = ["-X", "POST", "-H", "X-API-Key: \(Deployment.key)"]
        let json = ["-H", "Content-Type: application/json"]
        func body(_ text: String) -> [String] { key + json + ["--data-binary", text, deployment.tokenURL()] }
        func id(_ text: String) -> [String] {
            key + ["--path-as-is", "\(deployment.gatewayURL)/profiles/\(text)/token"]
        }
        let large = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(repeating: 0x20, count: 10 << 20).write(to: large)
        defer { try? FileManager.default.removeItem(at: large) }

        let cases: [(arguments: [String], status: Int, code: String)] = [
            (body(#"{"tokenValidityInSeconds": -1}"#), 400, "validity-out-of-range"),
            (body(#"{"tokenValidityInSeconds": 0}"#), 400, "validity-out-of-range"),
            (body(#"{"tokenValidityInSeconds": 9223372036854775808}"#), 400, "validity-out-of-range"),
            (body(#"{"tokenValidityInSeconds": 1.5}"#), 400, "body-invalid"),
            (body(#"{"tokenValidityInSeconds": "3600"}"#), 400, "body-invalid"),
            (body("\u{FEFF}{}"), 400, "body-invalid"),
            (body(String(repeating: "[", count: 10_000)), 400, "body-invalid"),
            (body(#"{"a":"# + String(repeating: "[", count: 10_000)), 400, "body-invalid"),
            (body(#"{"tokenValidityInSeconds": 60, "tokenValidityInSeconds": 60}"#), 400, "body-invalid"),
            (body("{} {}"), 400, "body-invalid"),
            (body("@" + large.path), 413, "body-too-large"),
            (id("../../x"), 404, "not-found"),
            (id("%2e%2e%2fx"), 400, "profile-id-invalid"),
            (id("%00"), 400, "profile-id-invalid"),
            (id("{\(Deployment.profile)}"), 400, "profile-id-invalid"),
            (id("٣" + Deployment.profile.dropFirst()), 400, "profile-id-invalid"),
            (id(Deployment.profile + ";x"), 400, "profile-id-invalid"),
            (id(String(repeating: "a", count: 10_000)), 414, "url-too-long"),
            (key + ["-H", "X-API-Key: another", deployment.tokenURL()], 400, "api-key-ambiguous"),
            (["-X", "POST", deployment.tokenURL() + "?api_key=" + Deployment.key], 400, "api-key-ambiguous"),
            (key + ["-H", "Idempotency-Key: 1, 2", deployment.tokenURL()], 400, "request-invalid"),
            (key + ["-H", "Idempotency-Key: \"1", deployment.tokenURL()], 400, "request-invalid"),
            (["-X", "PUT", deployment.tokenURL()], 405, "method-not-allowed"),
            ([deployment.gatewayURL + "/nowhere"], 404, "not-found"),
        ]
        for (arguments, status, code) in cases {
            let answer = try await answered(["-g"] + arguments)
            #expect(answer.status == status, "\(arguments)")
            #expect(answer["code"] == code, "\(arguments)")
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(answer.fields["x-request-id"]?.isEmpty == false)
        }
        #expect(try await deployment.arrived("createToken") == 0)
    }

    /// Who is still sending two seconds after the answer, because the machine stood still, does not get it.
    private func answered(_ arguments: [String], input: String? = nil) async throws -> CurlAnswer {
        var answer: CurlAnswer?
        try await despiteStandstill { counts in
            do { answer = try await curl(arguments, input: input) } catch is Program.Failure where !counts() {}
            return answer != nil
        }
        return try #require(answer)
    }

    @Test("a megabyte of header fields is 431, and the gateway lives on")
    func largeHeaders() async throws {
        let deployment = try await Deployment.start()
        let fields = (0..<64).map { "header = \"X-Filler-\($0): \(String(repeating: "x", count: 16_000))\"" }
        let config = (fields + ["url = \"\(deployment.tokenURL())\"", "request = POST"]).joined(separator: "\n")
        let answer = try await answered(["-K", "-"], input: config)
        #expect(answer.status == 431)
        #expect(answer["code"] == "headers-too-large")
        #expect(try await deployment.mint().status == 201)
    }

    @Test("a caller that waits for 100 Continue gets it")
    func expectContinue() async throws {
        let deployment = try await Deployment.start()
        let answer = try await deployment.mint(options: ["-H", "Expect: 100-continue", "--expect100-timeout", "30"])
        #expect(answer.status == 201)
    }
}
