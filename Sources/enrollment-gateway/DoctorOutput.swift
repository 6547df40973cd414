import Doctor
import Foundation
import Synchronization
import TerminalText

/// Where the doctor tells what it finds: line by line for people, or one document for programs. Standard output.
final class DoctorOutput: Sendable {
    private let json: Bool
    private let terminal = TextTerminal.standardOutput(environment: ProcessInfo.processInfo.environment)
    private let titles: Mutex<Diagnosis>

    init(json: Bool) {
        self.json = json
        titles = Mutex(Diagnosis())
    }

    private var text: FindingText { FindingText(terminal, titles: titles.withLock { $0 }) }

    /// Before the first step.
    func begin(_ subject: DoctorSubject) {
        titles.withLock { $0 = Diagnosis(issuer: subject.issuer) }
    }

    /// At once, so that somebody who waits sees for what.
    @Sendable func report(_ report: Doctor.Report) {
        if case .announcement = report { finishWhatBegins() }
        guard !json else { return }
        switch report {
        case .announcement(let announcement):
            write(text.announcement(announcement))
        case .finding(let finding): write(text.lines(finding))
        }
    }

    /// - Parameter told: whether the findings were reported one by one.
    func conclude(_ diagnosis: Diagnosis, told: Bool) {
        if json { return write([DiagnosisJSON.document(diagnosis)]) }
        if !told { for finding in diagnosis.findings { write(text.lines(finding)) } }
        write(["", text.conclusion(diagnosis)])
    }

    /// From here on something is made at the tenant, and its outcome is told: a Control-C would leave it unknown. It is bounded.
    private func finishWhatBegins() {
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
    }

    private func write(_ lines: [String]) { answer(lines.joined(separator: "\n")) }
}
