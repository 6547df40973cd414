import Explanations
package import TerminalText

/// Findings for people, at a terminal.
package struct FindingText: Sendable {
    private let terminal: TextTerminal
    private let diagnosis: Diagnosis

    /// - Parameter diagnosis: for its titles.
    package init(_ terminal: TextTerminal, titles diagnosis: Diagnosis) {
        self.terminal = terminal
        self.diagnosis = diagnosis
    }

    /// The mark, the title and what was found; below it what is known of a failure or a warning, and what to do.
    package func lines(_ finding: Finding) -> [String] {
        let title = diagnosis.title(of: finding.step)
        let first = "\(finding.result.mark) \(title)" + blanks(Self.column - 2 - title.count)
        var lines = WrappedText.lines(
            finding.summary,
            width: terminal.width,
            first: first,
            indentation: blanks(Self.column)
        )
        if terminal.hasColour { lines[0] = finding.result.coloured(lines[0]) }
        guard finding.result == .failed || finding.result == .warned else { return lines }
        for fact in finding.facts { lines += row(fact.name, fact.value) }
        for advice in finding.advice {
            lines += row("what it means", advice.meaning)
            lines += row("who acts", advice.actor.title)
            lines += row("what to do", advice.step)
        }
        return lines
    }

    /// What is about to be done.
    package func announcement(_ text: String) -> [String] {
        WrappedText.lines(text, width: terminal.width, first: "  ")
    }

    /// How it came out, in one line.
    package func conclusion(_ diagnosis: Diagnosis) -> String {
        let (failed, warned) = (diagnosis.count(.failed), diagnosis.count(.warned))
        let warnings = warned == 0 ? "" : ", with \(warned == 1 ? "one warning" : "\(warned) warnings")"
        guard !diagnosis.isHealthy else { return "All holds\(warnings)." }
        let blocked = diagnosis.count(.notTried)
        let rest =
            blocked == 0 ? "" : blocked == 1 ? "; one was not tried for it" : "; \(blocked) were not tried for it"
        return "\(failed == 1 ? "One step" : "\(failed) steps") failed\(warnings)\(rest)."
    }

    private static let column = 26

    private func row(_ name: String, _ value: String) -> [String] {
        let label = "    \(name)"
        return WrappedText.lines(
            value,
            width: terminal.width,
            first: label + blanks(Self.column - label.count),
            indentation: blanks(Self.column)
        )
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
}

extension Finding.Result {
    package var mark: Character {
        switch self {
        case .passed: "✓"
        case .warned: "!"
        case .failed: "✗"
        case .notTried, .notNeeded: "–"
        }
    }

    /// The mark alone has a colour (ECMA-48 SGR).
    fileprivate func coloured(_ line: String) -> String {
        let code =
            switch self {
            case .passed: "32"
            case .warned: "33"
            case .failed: "31"
            case .notTried, .notNeeded: "2"
            }
        return "\u{1B}[\(code)m\(line.prefix(1))\u{1B}[0m\(line.dropFirst())"
    }
}
