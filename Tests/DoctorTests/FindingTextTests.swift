import Explanations
import Foundation
import TerminalText
import Testing

@testable import Doctor

@Suite("What the doctor says")
struct FindingTextTests {
    private let finding = {
        var finding = Finding(.accessToken, .failed, "Entra gives no access token: AADSTS7000215")
        finding.note("trace id", "8a360191-0f8c-4dcc-9a07-b082833ce4e8")
        finding.note("left out", nil)
        finding.advice = [Advice("The client secret is wrong.", .operator, "Give the secret's Value.")]
        return finding
    }()

    @Test("a failure has its facts, what it means, who acts and what to do")
    func failure() {
        let lines = FindingText(TextTerminal(width: 80), titles: Diagnosis()).lines(finding)
        #expect(
            lines == [
                "✗ Access token            Entra gives no access token: AADSTS7000215",
                "    trace id              8a360191-0f8c-4dcc-9a07-b082833ce4e8",
                "    what it means         The client secret is wrong.",
                "    who acts              Operator",
                "    what to do            Give the secret's Value.",
            ]
        )
    }

    @Test("lines keep to the width, and each result has its mark", arguments: Finding.Result.allCases)
    func width(result: Finding.Result) {
        var finding = finding
        finding.result = result
        finding.summary = String(repeating: "words of a summary ", count: 12)
        let lines = FindingText(TextTerminal(width: 64), titles: Diagnosis()).lines(finding)
        #expect(lines.allSatisfy { $0.count <= 64 })
        #expect(lines[0].first == result.mark)
        #expect(lines.contains { $0.contains("what to do") } == (result == .failed || result == .warned))
    }

    @Test("colour is for a terminal, and for the mark alone")
    func colour() {
        let plain = FindingText(TextTerminal(width: 80), titles: Diagnosis()).lines(finding)
        let coloured = FindingText(TextTerminal(width: 80, hasColour: true), titles: Diagnosis()).lines(finding)
        #expect(!plain.joined().contains("\u{1B}"))
        #expect(coloured[0].hasPrefix("\u{1B}[31m✗\u{1B}[0m Access token"))
        #expect(coloured.dropFirst().elementsEqual(plain.dropFirst()))
    }

    @Test(
        "the conclusion counts",
        arguments: [
            ([Finding.Result.passed, .notNeeded], "All holds."), ([.passed, .warned], "All holds, with one warning."),
            ([.failed, .notTried, .notTried], "One step failed; 2 were not tried for it."),
            ([.failed, .failed, .warned, .warned], "2 steps failed, with 2 warnings."),
        ]
    )
    func conclusion(results: [Finding.Result], expected: String) {
        let diagnosis = Diagnosis(results.map { Finding(.clock, $0, "") })
        #expect(FindingText(TextTerminal(), titles: diagnosis).conclusion(diagnosis) == expected)
    }

    @Test("the document has every step, with what it needs, found and advises")
    func document() throws {
        let diagnosis = Diagnosis([finding, Finding(.audience, .notTried, "not tried")])
        let text = DiagnosisJSON.document(diagnosis)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["ok"] as? Bool == false)
        let steps = try #require(document["steps"] as? [[String: Any]])
        #expect(steps.map { $0["step"] as? String } == ["access-token", "audience"])
        #expect(steps[0]["result"] as? String == "failed")
        #expect(steps[0]["needs"] as? [String] == ["entra-trust"])
        #expect((steps[0]["facts"] as? [[String: Any]])?.first?["name"] as? String == "trace id")
        #expect((steps[0]["advice"] as? [[String: Any]])?.first?["actor"] as? String == "operator")
        #expect(steps[1]["advice"] == nil)
    }
}
