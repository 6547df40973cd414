import ArgumentParser
import Explanations
import Foundation
import JSONText
import TerminalText

/// `explain`: what a code means and what to do. It asks nobody.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a code means, who must act, and what to do.",
        discussion: """
            Knows the gateway's own codes, Entra's AADSTS codes (with or without the letters), those of Graph and Intune, and \
            the reasons in the gateway's log, in any case. Works offline. Exits with 1 when the code is unknown.
            """
    )

    @Flag(help: "List all codes.")
    var list = false

    @Flag(help: "Answer in JSON.")
    var json = false

    @Argument(help: "For example AADSTS7000215, 7000215, graph-forbidden or Forbidden.")
    var code: [String] = []

    func run() throws {
        let terminal = TextTerminal.standardOutput(environment: ProcessInfo.processInfo.environment)
        guard !list, !code.isEmpty else {
            return try tell(
                json
                    ? ExplanationJSON.document(Explanations.all, near: [])
                    : ExplanationText.list(width: terminal.width)
            )
        }
        let asked = code.joined(separator: " ")
        let found = Explanations.find(asked)
        let near = found.isEmpty ? Explanations.near(asked) : []
        if json {
            try tell(ExplanationJSON.document(found, near: near))
        } else if !found.isEmpty {
            try tell(found.map { ExplanationText.full($0, width: terminal.width) }.joined(separator: "\n\n"))
        } else {
            complain(ExplanationText.unknown(asked, near: near))
        }
        if found.isEmpty { throw ExitCode.failure }
    }
}

/// Explanations for programs.
enum ExplanationJSON {
    static func document(_ explanations: [Explanation], near: [String]) -> String {
        var document = JSONObjectText()
        document.add("explanations", explanations.map(object))
        if explanations.isEmpty { document.add("near", near) }
        return document.text
    }

    private static func object(_ explanation: Explanation) -> JSONObjectText {
        var object = JSONObjectText()
        object.add("code", explanation.code)
        object.add("area", explanation.area.rawValue)
        if !explanation.aliases.isEmpty { object.add("aliases", explanation.aliases) }
        object.add("meaning", explanation.meaning)
        object.add("actor", explanation.actor.rawValue)
        object.add("step", explanation.step)
        return object
    }
}
