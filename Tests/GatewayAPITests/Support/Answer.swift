import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import GatewayAPI

/// What a caller got, from the router or off the wire. A problem has to be as the contract says, whoever looks at it.
struct Answer: Sendable {
    var status: Int
    var fields: [(String, String)]
    var body: String
    /// The body as it came, where the router was asked: a picture is no text.
    var bytes: [UInt8]

    /// - Parameter toHEAD: it has no body, whatever its fields say.
    init(status: Int, fields: [(String, String)], body: String, bytes: [UInt8] = [], toHEAD: Bool = false) {
        self.status = status
        self.fields = fields
        self.body = body
        self.bytes = bytes
        let faults = ProblemCheck.faults(status: status, body: toHEAD ? nil : body) { self[$0] }
        #expect(faults == [], "\(status) \(body)")
    }

    /// All values of a field.
    func values(_ name: String) -> [String] {
        fields.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
    }

    /// The field's value where it stands there exactly once.
    subscript(_ name: String) -> String? {
        let values = values(name)
        return values.count == 1 ? values[0] : nil
    }

    /// The names of the body's members.
    var members: Set<String> {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] else { return [] }
        return Set(object.keys)
    }

    func decoded<Document: Decodable>(_ type: Document.Type) throws -> Document {
        try JSONDecoder().decode(type, from: Data(body.utf8))
    }
}

/// A problem document, every member that the contract has.
struct ProblemDocument: Decodable {
    struct Graph: Decodable, Equatable {
        var requestId: String?
        var activityId: String?
        var code: String?
    }

    var type: String
    var title: String
    var status: Int
    var detail: String
    var instance: String
    var code: String
    var requestId: String
    var outcome: String?
    var retryAfter: Int?
    var member: String?
    var graph: Graph?

    static let required: Set<String> = ["type", "title", "status", "detail", "instance", "code", "requestId"]
    static let known = required.union(["outcome", "retryAfter", "member", "graph"])
}

/// What a problem document may say beside its code.
struct ExpectedProblem: Sendable {
    var code: ProblemCode
    var outcome: String?
    var member: String?
    var retryAfter: Int?
    var graph: ProblemDocument.Graph?

    init(
        _ code: ProblemCode,
        outcome: String? = "not-created",
        member: String? = nil,
        retryAfter: Int? = nil,
        graph: ProblemDocument.Graph? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.member = member
        self.retryAfter = retryAfter
        self.graph = graph
    }
}

/// Checks an error's answer whole: status, fields, and every member of the body against the contract.
@discardableResult
func expect(
    _ answer: Answer,
    is expected: ExpectedProblem,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> ProblemDocument {
    let code = expected.code
    #expect(answer.status == code.status.code, "\(answer.body)", sourceLocation: sourceLocation)
    #expect(answer["Content-Type"] == "application/problem+json", sourceLocation: sourceLocation)
    #expect(answer["Cache-Control"] == "no-store", sourceLocation: sourceLocation)
    let problem = try answer.decoded(ProblemDocument.self)
    #expect(answer.members.isSuperset(of: ProblemDocument.required), sourceLocation: sourceLocation)
    #expect(answer.members.isSubset(of: ProblemDocument.known), sourceLocation: sourceLocation)
    #expect(problem.code == code.rawValue, "\(answer.body)", sourceLocation: sourceLocation)
    #expect(problem.type == "urn:enrollment-gateway:problem:\(code.rawValue)", sourceLocation: sourceLocation)
    #expect(problem.title == code.title, sourceLocation: sourceLocation)
    #expect(problem.status == code.status.code, sourceLocation: sourceLocation)
    #expect(!problem.detail.isEmpty, sourceLocation: sourceLocation)
    #expect(problem.requestId.wholeMatch(of: /[A-Za-z0-9._-]{1,128}/) != nil, sourceLocation: sourceLocation)
    #expect(answer["X-Request-ID"] == problem.requestId, sourceLocation: sourceLocation)
    #expect(problem.instance == "urn:enrollment-gateway:request:\(problem.requestId)", sourceLocation: sourceLocation)
    #expect(problem.outcome == expected.outcome, sourceLocation: sourceLocation)
    #expect(problem.member == expected.member, "\(answer.body)", sourceLocation: sourceLocation)
    #expect(problem.retryAfter == expected.retryAfter, sourceLocation: sourceLocation)
    #expect(answer["Retry-After"] == expected.retryAfter.map(String.init), sourceLocation: sourceLocation)
    #expect(problem.graph == expected.graph, sourceLocation: sourceLocation)
    let challenge = code.status == .unauthorized ? #"ApiKey realm="enrollment-gateway", header="X-API-Key""# : nil
    #expect(answer["WWW-Authenticate"] == challenge, sourceLocation: sourceLocation)
    #expect((answer["Allow"] != nil) == (code == .methodNotAllowed), sourceLocation: sourceLocation)
    return problem
}
