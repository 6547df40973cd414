import Foundation
import HTTPTypes
import Testing

@testable import GatewayAPI

/// Reads what these tests need of the contract by its lines and their indentation; no YAML reader.
private struct Contract {
    let text: String
    private let lines: [Substring]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        text = try String(contentsOf: root.appending(path: "openapi.yaml"), encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The lines below the first one that is `heading`, as far as they are indented deeper.
    func block(_ heading: String, in outer: [Substring]? = nil) -> [Substring] {
        let lines = outer ?? lines
        guard let start = lines.firstIndex(where: { $0 == heading }) else { return [] }
        let indent = Self.indent(lines[start])
        return Array(lines[(start + 1)...].prefix { $0.allSatisfy { $0 == " " } || Self.indent($0) > indent })
    }

    /// The keys that stand at this indentation.
    static func keys(_ lines: [Substring], indent: Int) -> [String] {
        lines.filter { Self.indent($0) == indent && $0.hasSuffix(":") }
            .map { String($0.dropFirst(indent).dropLast()) }
    }

    private static func indent(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
}

@Suite("The contract", .timeLimit(.minutes(1)))
struct ContractTests {
    @Test("its list of codes is ours")
    func codes() throws {
        let contract = try Contract()
        let listed = contract.block("      enum:", in: contract.block("    ProblemCode:"))
            .map { $0.trimmingCharacters(in: .whitespaces.union(["-"])) }
        #expect(listed.count == Set(listed).count)
        #expect(Set(listed) == Set(ProblemCode.allCases.map(\.rawValue)))
    }

    @Test("each code's example has the code's status and title", arguments: ProblemCode.allCases)
    func example(code: ProblemCode) throws {
        let contract = try Contract()
        let example = contract.block("    \(code.rawValue):", in: contract.block("  examples:"))
        #expect(example.contains("        type: urn:enrollment-gateway:problem:\(code.rawValue)"))
        #expect(example.contains("        code: \(code.rawValue)"))
        #expect(example.contains("        status: \(code.status.code)"))
        #expect(example.contains("        title: \(code.title)"))
        #expect(contract.text.contains("$ref: '#/components/examples/\(code.rawValue)'"))
    }

    @Test("its operations are our routes")
    func operations() throws {
        let contract = try Contract()
        let paths = contract.block("paths:")
        #expect(Contract.keys(paths, indent: 2) == RouteTable.gateway.entries.map(\.path))
        for entry in RouteTable.gateway.entries {
            let verbs = Contract.keys(contract.block("  \(entry.path):", in: paths), indent: 4)
                .filter { $0 != "parameters" }
            #expect(verbs == entry.methods.map { $0.rawValue.lowercased() })
        }
    }

    @Test("GET /openapi.yaml needs no key and is the file itself")
    func served() async throws {
        let answer = try await Gateway().send(.get, "/openapi.yaml", key: nil)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/yaml")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["X-Request-ID"] != nil)
        #expect(try answer.body == Contract().text)
        let strict = try await Gateway().send(.get, "/openapi.yaml?x=1", key: nil)
        try expect(strict, is: ExpectedProblem(.requestInvalid, outcome: nil, member: "x"))
    }
}
