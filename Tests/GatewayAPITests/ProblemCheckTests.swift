import TestSupport
import Testing

@Suite("The check of every problem")
struct ProblemCheckTests {
    private static let problem = #"""
        {"type":"urn:enrollment-gateway:problem:rate-limited","title":"Too many requests","status":429,\#
        "detail":"Wait.","instance":"urn:enrollment-gateway:request:r-1","code":"rate-limited","requestId":"r-1",\#
        "outcome":"not-created","retryAfter":7,"member":"X-API-Key","graph":{"requestId":"g","code":"c"}}
        """#
    private static let fields = [
        "Content-Type": "application/problem+json", "X-Request-ID": "r-1", "Retry-After": "7",
    ]

    private func faults(_ body: String?, status: Int = 429, fields: [String: String] = fields) -> [String] {
        ProblemCheck.faults(status: status, body: body) { fields[$0] }
    }

    @Test("a problem as the contract has it passes, and so does what is no problem")
    func good() {
        #expect(faults(Self.problem) == [])
        #expect(faults(nil) == [])
        #expect(faults("{}", fields: ["Content-Type": "application/json"]) == [])
    }

    @Test(
        "a problem that the contract does not have is found",
        arguments: [
            (#""title":"Too many requests","#, "", "$.title is missing"),
            (#""status":429"#, #""status":"429""#, "$.status has the wrong type"),
            (#""status":429"#, #""status":429.5"#, "$.status has the wrong type"),
            (#""status":429"#, #""status":600"#, "$.status is out of bounds"),
            (#""status":429"#, #""status":400"#, "the status 400 of the body is not 429"),
            (#""code":"rate-limited""#, #""code":"made-up""#, "$.code is the unknown made-up"),
            (#""code":"rate-limited""#, #""code":"internal""#, "is not of the code internal"),
            ("urn:enrollment-gateway:request:", "urn:other:", "$.instance does not match"),
            ("request:r-1", "request:r-2", "the instance is not of the request id"),
            (#""requestId":"r-1""#, #""requestId":"r 1""#, "$.requestId does not match"),
            (#""requestId":"r-1""#, #""requestId":"r-2""#, "the request id is not that of X-Request-ID"),
            (#""outcome":"not-created""#, #""outcome":"perhaps""#, "$.outcome is the unknown perhaps"),
            (#""outcome":"not-created""#, #""outcome":null"#, "$.outcome has the wrong type"),
            (#""retryAfter":7"#, #""retryAfter":0"#, "$.retryAfter is out of bounds"),
            (#""retryAfter":7"#, #""retryAfter":8"#, "retryAfter is not what Retry-After says"),
            (#""retryAfter":7,"#, "", "Retry-After is there, or missing, with 429"),
            ("X-API-Key", String(repeating: "x", count: 65), "$.member has a wrong length"),
            (#""code":"c""#, #""words":"c""#, "$.graph.words is not described"),
            (#""detail""#, #""more":[],"detail""#, "$.more is not described"),
            ("}}", "}", "it is no JSON"),
        ]
    )
    func spoilt(from good: String, to bad: String, fault: String) {
        #expect(Self.problem.contains(good))
        let faults = faults(Self.problem.replacing(good, with: bad))
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }
}
