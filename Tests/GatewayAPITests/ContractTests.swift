import HTTPTypes
import KeyRing
import TestSupport
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The contract")
struct ContractTests {
    private let document = Contract.document

    /// An operation of the document.
    private struct Operation: CustomStringConvertible {
        var path: String
        var method: String
        var contract: Contract

        var description: String { method + " " + path }
        var right: String? { contract.value("x-required-right") }
        var statuses: [String] { contract["responses"]?.keys ?? [] }
    }

    private func operations() throws -> [Operation] {
        let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        let paths = try #require(document["paths"])
        return try paths.keys.flatMap { path in
            let item = try #require(paths[path])
            return try item.keys.filter { methods.contains($0) }.map { method in
                Operation(path: path, method: method.uppercased(), contract: try #require(item[method]))
            }
        }
    }

    /// The answer with this status, where it is a problem of the components.
    private func problem(_ operation: Operation, _ status: String) -> Contract? {
        guard let name = operation.contract["responses", status]?.value("$ref")?.split(separator: "/").last else {
            return nil
        }
        return document["components", "responses", String(name)]
    }

    /// The codes that an answer says it has: those of its examples, and those that its description names.
    private func problemCodes(_ answer: Contract) -> Set<String> {
        let all = Set(ProblemCode.allCases.map(\.rawValue))
        let examples = answer["content", Problem.mediaType, "examples"]?.keys ?? []
        let words = answer.words("description").split { !"abcdefghijklmnopqrstuvwxyz-`".contains($0) }
        let named = words.filter { $0.hasPrefix("`") && $0.hasSuffix("`") }.map { String($0.dropFirst().dropLast()) }
        return Set(examples).union(named).intersection(all)
    }

    @Test("its list of codes is the code's list")
    func codes() throws {
        let codes = try #require(document["components", "schemas", "ProblemCode", "enum"]).list
        #expect(Set(codes) == Set(ProblemCode.allCases.map(\.rawValue)))
        #expect(codes.count == ProblemCode.allCases.count)
    }

    @Test("each code has one example, with the status and the title that the code has", arguments: ProblemCode.allCases)
    func example(code: ProblemCode) throws {
        try expectExample(#require(document["components", "examples", code.rawValue, "value"]), code)
    }

    private func expectExample(_ value: Contract, _ code: ProblemCode) throws {
        #expect(value.value("code") == code.rawValue)
        #expect(value.value("type") == Problem.typePrefix + code.rawValue)
        #expect(value.value("status") == String(code.status.code))
        #expect(value.value("title") == code.title)
        #expect(value.value("instance")?.hasPrefix(Problem.instancePrefix) == true)
        #expect(Set(value.keys).isSuperset(of: ProblemDocument.required))
        #expect(Set(value.keys).isSubset(of: ProblemDocument.known))
        let isTimed = [.tooManyRequests, .serviceUnavailable].contains(code.status) || code == .idempotencyInProgress
        #expect((value.value("retryAfter") != nil) == isTimed)
    }

    @Test("there is no example for a code that does not exist")
    func examples() throws {
        let examples = try #require(document["components", "examples"]).keys
        #expect(Set(examples) == Set(ProblemCode.allCases.map(\.rawValue)))
        #expect(examples.count == ProblemCode.allCases.count)
    }

    @Test("the schema of a problem has the members that are sent")
    func problemSchema() throws {
        let schema = try #require(document["components", "schemas", "Problem"])
        #expect(Set(try #require(schema["required"]).list) == ProblemDocument.required)
        #expect(Set(try #require(schema["properties"]).keys) == ProblemDocument.known)
        let outcomes = try #require(schema["properties", "outcome", "enum"]).list
        #expect(Set(outcomes) == Set(GatewayError.Outcome.allCases.map(\.rawValue)))
        #expect(try #require(schema["properties", "member"]).value("maxLength") == String(InputName.longest))
    }

    @Test("every route has an operation, and every operation a route")
    func routes() throws {
        let described = try operations().map(\.description)
        let routed = RouteTable.gateway.entries.flatMap { entry in entry.methods.map { $0.rawValue + " " + entry.path }
        }
        #expect(!described.isEmpty)
        #expect(described.sorted() == routed.sorted())
    }

    @Test("an operation lists every status that any request may meet, and with a key those of keys and of Microsoft")
    func statuses() throws {
        for operation in try operations() {
            let always: Set = ["400", "405", "408", "413", "414", "431", "500", "503"]
            let withKey: Set = operation.right == nil ? [] : ["401", "403", "429", "502", "504"]
            #expect(Set(operation.statuses).isSuperset(of: always.union(withKey)), "\(operation)")
            #expect(operation.statuses.contains { $0.hasPrefix("2") }, "\(operation)")
        }
    }

    @Test("an answer has codes, all of its status; its examples are like the codes'")
    func answers() throws {
        for operation in try operations() {
            for status in operation.statuses where !status.hasPrefix("2") {
                let answer = try #require(problem(operation, status), "\(operation) \(status)")
                let codes = problemCodes(answer).compactMap(ProblemCode.init)
                #expect(!codes.isEmpty, "\(operation) \(status)")
                #expect(codes.allSatisfy { String($0.status.code) == status }, "\(operation) \(status)")
                let examples = try #require(answer["content", Problem.mediaType, "examples"])
                for name in examples.keys {
                    // Those of the components are looked at by themselves.
                    guard let value = examples[name, "value"] else { continue }
                    try expectExample(value, #require(ProblemCode(rawValue: name)))
                    let outcome = value.value("outcome")
                    switch operation.method {
                    case "GET": #expect(outcome == nil, "\(operation) \(status)")
                    case "DELETE": #expect(["not-revoked", "unknown"].contains(outcome), "\(operation) \(status)")
                    default: #expect(["not-created", "unknown"].contains(outcome), "\(operation) \(status)")
                    }
                }
            }
        }
    }

    @Test("each code is in an answer of some operation")
    func answeredCodes() throws {
        var seen: Set<String> = []
        for operation in try operations() {
            for status in operation.statuses { seen.formUnion(problem(operation, status).map(problemCodes) ?? []) }
        }
        #expect(seen == Set(ProblemCode.allCases.map(\.rawValue)))
    }

    @Test("each answer that time alone can heal says when")
    func retryAfter() throws {
        for operation in try operations() {
            for status in operation.statuses where !status.hasPrefix("2") {
                let fields = try #require(problem(operation, status)?["headers"]).keys
                let isPicture = operation.path == RouteTable.qrCode.path && status == "404"
                // The first request with the same Idempotency-Key ends at some time.
                let mayRun = status == "409"
                #expect(
                    fields.contains("Retry-After") == (["429", "503"].contains(status) || isPicture || mayRun),
                    "\(operation) \(status)"
                )
            }
        }
    }

    @Test("the rights that it names are those of the keys, and all of them")
    func rights() throws {
        let rights = try operations().filter { $0.path != RouteTable.contract.path }.map { $0.right ?? "\($0)" }
        #expect(Set(rights) == Set(KeyRight.allCases.map(\.rawValue)))
    }

    @Test("kinds and bounds are those of the code")
    func values() throws {
        let kinds = try #require(document["components", "schemas", "ProfileKind", "enum"]).list
        #expect(Set(kinds) == Set(ProfileKind.allCases.map(\.rawValue)))
        let validity = try #require(
            document["components", "schemas", "TokenRequest", "properties", "tokenValidityInSeconds"]
        )
        #expect(validity.value("minimum") == String(TokenRules.leastValidity))
        #expect(validity.value("maximum") == String(TokenRules.defaultGreatestValidity))
        let reuse = try #require(
            document["components", "schemas", "TokenRequest", "properties", "reuseIfValidForSeconds"]
        )
        #expect(reuse.value("maximum") == String(TokenRules.validityCeiling))
        #expect(document["components", "headers", "WWW-Authenticate"]?.value("example") == Problem.challenge)
    }
}
