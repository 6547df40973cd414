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
        guard !json else { return }
        switch report {
        case .announcement(let announcement): write(text.announcement(announcement))
        case .finding(let finding): write(text.lines(finding))
        }
    }

    /// - Parameter told: whether the findings were reported one by one.
    func conclude(_ diagnosis: Diagnosis, told: Bool) {
        if json { return write([DiagnosisJSON.document(diagnosis)]) }
        if !told { for finding in diagnosis.findings { write(text.lines(finding)) } }
        write(["", text.conclusion(diagnosis)])
    }

    /// Unbuffered: a pipe would get all of it at the end.
    private func write(_ lines: [String]) {
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}
