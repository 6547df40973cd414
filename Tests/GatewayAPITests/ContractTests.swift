import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The contract")
struct ContractTests {
    private let document = Contract.document

    @Test("its list of codes is the code's list")
    func codes() throws {
        let codes = try #require(document["components", "schemas", "ProblemCode", "enum"]).list
        #expect(Set(codes) == Set(ProblemCode.allCases.map(\.rawValue)))
        #expect(codes.count == ProblemCode.allCases.count)
    }

    @Test("each code has one example, with the status and the title that the code has", arguments: ProblemCode.allCases)
    func example(code: ProblemCode) throws {
        let value = try #require(document["components", "examples", code.rawValue, "value"])
        #expect(value.value("code") == code.rawValue)
        #expect(value.value("type") == Problem.typePrefix + code.rawValue)
        #expect(value.value("status") == String(code.status.code))
        #expect(value.value("title") == code.title)
        #expect(value.value("instance")?.hasPrefix(Problem.instancePrefix) == true)
        #expect(Set(value.keys).isSuperset(of: ProblemDocument.required))
        #expect(Set(value.keys).isSubset(of: ProblemDocument.known))
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
        #expect(Set(outcomes) == [GatewayError.Outcome.notCreated.rawValue, GatewayError.Outcome.unknown.rawValue])
        #expect(try #require(schema["properties", "member"]).value("maxLength") == String(InputName.longest))
    }

    @Test("every route has an operation, and every operation a route")
    func routes() throws {
        let paths = try #require(document["paths"])
        let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        let described = try paths.keys.flatMap { path in
            try #require(paths[path]).keys.filter { methods.contains($0) }.map { $0.uppercased() + " " + path }
        }
        let routed = RouteTable.gateway.entries.flatMap { entry in entry.methods.map { $0.rawValue + " " + entry.path }
        }
        #expect(!described.isEmpty)
        #expect(described.sorted() == routed.sorted())
    }

    @Test("an operation lists every status that its codes have")
    func statuses() throws {
        let responses = try #require(document["paths", RouteTable.token.path, "post", "responses"]).keys
        let expected = Set(ProblemCode.allCases.map { String($0.status.code) }).union(["201", "204"])
        #expect(Set(responses) == expected)
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
        #expect(document["components", "headers", "WWW-Authenticate"]?.value("example") == Problem.challenge)
    }
}
