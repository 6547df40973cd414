import Foundation

/// Holds an answer that is a problem against the contract. Whatever in the tests receives answers asks it, so that no problem is
/// seen unchecked.
package enum ProblemCheck {
    private static let schema = ContractSchema("Problem")

    /// Everything in which the answer differs from the contract; empty also for an answer that is none.
    ///
    /// - Parameters:
    ///   - field: the value of a header field, where it is there once.
    ///   - body: nil where there can be none, as in the answer to a HEAD.
    package static func faults(status: Int, body: String?, field: (String) -> String?) -> [String] {
        guard field("Content-Type") == "application/problem+json", let body else { return [] }

        var faults = schema.faults(in: body)
        guard let problem = try? JSONDecoder().decode(Repeated.self, from: Data(body.utf8)) else { return faults }
        func expect(_ isRight: Bool, _ fault: String) {
            if !isRight { faults.append(fault) }
        }
        expect(problem.status == status, "the status \(problem.status) of the body is not \(status)")
        expect(
            problem.type.hasSuffix(":" + problem.code),
            "the type \(problem.type) is not of the code \(problem.code)"
        )
        expect(problem.requestId == field("X-Request-ID"), "the request id is not that of X-Request-ID")
        expect(problem.instance.hasSuffix(":" + problem.requestId), "the instance is not of the request id")
        expect(
            problem.retryAfter.map(String.init) == field("Retry-After"),
            "retryAfter is not what Retry-After says"
        )
        let canWait = status == 429 || status == 503 || problem.code == "idempotency-in-progress"
        // A token that was just made is shown after a while.
        let mayWait = problem.code == "token-not-found" && problem.retryAfter != nil
        let stillRuns = problem.code == "idempotency-in-progress"
        expect(
            (problem.retryAfter != nil) == (canWait || mayWait || stillRuns),
            "Retry-After is there, or missing, with \(status)"
        )
        return faults
    }

    /// What stands in the answer twice.
    private struct Repeated: Decodable {
        var type: String
        var status: Int
        var instance: String
        var code: String
        var requestId: String
        var retryAfter: Int?
    }
}
