import Explanations
import Logging
import Testing
import Transport

@testable import Entra
@testable import GatewayAPI

@Suite("The table of explanations")
struct ExplanationsTests {
    @Test("every code that the gateway answers with is explained, and no other")
    func gatewayCodes() {
        let explained = Explanations.all(of: .gateway).map(\.code)
        #expect(Set(explained) == Set(ProblemCode.allCases.map(\.rawValue)))
    }

    @Test(
        "a code is found in what was pasted",
        arguments: [
            ("AADSTS7000215: Invalid client secret provided. Ensure the secret being sent", "AADSTS7000215"),
            ("AADSTS 7000222", "AADSTS7000222"),
            ("\"error_description\":\"AADSTS700016: Application\"", "AADSTS700016"),
            ("code: graph-forbidden", "graph-forbidden"),
        ]
    )
    func pasted(text: String, code: String) { #expect(Explanations.find(text).first?.code == code) }

    @Test("words and numbers that are no codes are none", arguments: ["hello there", "the 401st", "AADSTS", "", "40"])
    func noCode(text: String) { #expect(Explanations.find(text).isEmpty) }

    @Test("every reason for having no access token is explained, and no other")
    func reasons() {
        let explained = Explanations.all(of: .credential).map(\.code)
        #expect(Set(explained) == Set(EntraError.Reason.allCases.map(\.rawValue)))
    }

    @Test("every kind of the transport's failures is explained, and no other")
    func transport() {
        let explained = Explanations.all(of: .transport).map(\.code)
        #expect(Set(explained) == Set(TransportError.Kind.allCases.map(\.rawValue)))
    }

    @Test("every AADSTS code that decides on a reason is explained")
    func aadsts() {
        let known = (1...9_100_000).filter { AADSTS.reason(for: $0) != nil }
        #expect(known.count > 40)
        for code in known { #expect(Explanations.aadsts(code) != nil, "AADSTS\(code)") }
    }

    @Test("no two codes of an area are the same, nor are their explanations", arguments: Explanation.Area.allCases)
    func distinct(area: Explanation.Area) {
        let entries = Explanations.all(of: area)
        let codes = entries.flatMap { [$0.code] + $0.aliases }.map { $0.lowercased() }
        #expect(Set(codes).count == codes.count)
        #expect(Set(entries.map(\.meaning)).count == entries.count || area == .credential)
        #expect(!entries.isEmpty)
    }

    @Test("an explanation is whole sentences", arguments: Explanation.Area.allCases)
    func sentences(area: Explanation.Area) {
        for explanation in Explanations.all(of: area) {
            for text in [explanation.meaning, explanation.step] {
                #expect(text.hasSuffix("."), "\(explanation.code): \(text)")
                #expect(!text.contains("  ") && !text.contains("|") && !text.contains("\n"), "\(text)")
            }
        }
    }

    @Test(
        "a code is found however it is written",
        arguments: [
            "AADSTS7000215", "7000215", "aadsts7000215", "AADSTS7000215:", " 7000215 ", "\"AADSTS7000215\"",
        ]
    )
    func spelling(text: String) {
        #expect(Explanations.find(text).map(\.code) == ["AADSTS7000215"])
    }

    @Test("codes of Graph and of the gateway are found in any case, and a code of both is found twice")
    func areas() {
        #expect(Explanations.find("FORBIDDEN").map(\.code) == ["Forbidden"])
        #expect(Explanations.find("Graph-Forbidden").map(\.code) == ["graph-forbidden"])
        #expect(Explanations.find("conflict").map(\.area) == [.gateway, .graph])
        #expect(Explanations.find("429").map(\.code) == ["TooManyRequests"])
    }

    @Test("what is no code is none", arguments: ["", " ", "AADSTS", "AADSTS1", "nonsense", "AADSTS７000215"])
    func unknown(text: String) {
        #expect(Explanations.find(text).isEmpty)
    }

    @Test(
        "near codes are offered, the nearest first",
        arguments: [
            ("7000216", "AADSTS7000215"), ("graph-forbiden", "graph-forbidden"),
            ("Forbiden", "Forbidden"), ("Authorization_RequestDenid", "Authorization_RequestDenied"),
            ("crednetial-refused", "credential-refused"),
        ]
    )
    func near(text: String, expected: String) {
        let near = Explanations.near(text)
        #expect(near.first == expected, "\(near)")
        #expect(near.count <= 5)
    }

    @Test("nothing is near to nonsense", arguments: ["", "xyzzyxyzzyxyzzy", "0"])
    func nothingNear(text: String) {
        #expect(Explanations.near(text).count <= 5)
        #expect(text != "xyzzyxyzzyxyzzy" || Explanations.near(text).isEmpty)
    }

    @Test("a refusal of Graph is explained by its code, else by its status")
    func graph() {
        #expect(Explanations.graph(code: "Forbidden", status: 403)?.code == "Forbidden")
        #expect(Explanations.graph(code: "SomethingNew", status: 429)?.code == "TooManyRequests")
        #expect(Explanations.graph(code: nil, status: 503)?.code == "serviceNotAvailable")
        #expect(Explanations.graph(code: nil, status: 418) == nil)
    }

    @Test("an error of Entra's is explained by its code where that is known, else by its reason")
    func entra() {
        let coded = EntraError(.refused, reason: .secretWrong, aadsts: 7_000_222, detail: "")
        #expect(coded.explanation?.code == "AADSTS7000222")
        let unknown = EntraError(.refused, reason: .secretWrong, aadsts: 1, detail: "")
        #expect(unknown.explanation?.code == "secret-wrong")
        #expect(coded.metadata["entra.remedy"]?.description.hasPrefix("Entra administrator: ") == true)
    }
}
