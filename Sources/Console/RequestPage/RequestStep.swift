import Activity
import Graph
import PageTexts
import Transport

/// One step of a request: something that it waited for, or something that it asked of Graph.
struct RequestStep {
    enum Kind {
        case wait(String)
        case attempt(GraphAttempt)
    }

    let kind: Kind
    /// Since the request's start.
    let offset: Duration
    let duration: Duration

    /// In the order in which they began.
    static func all(of request: RequestSummary) -> [RequestStep] {
        let waits = request.waits.map { RequestStep(kind: .wait($0.step), offset: $0.offset, duration: $0.duration) }
        let attempts = request.attempts.map {
            RequestStep(kind: .attempt($0.attempt), offset: $0.offset, duration: $0.attempt.duration)
        }
        return (waits + attempts).enumerated()
            .sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }.map(\.element)
    }

    func name(_ words: Words) -> String {
        switch kind {
        case .wait(let step): Text.waits[step].map { words($0) } ?? step
        case .attempt(let attempt):
            Text.operations[attempt.operation.rawValue].map { words($0) } ?? attempt.operation.rawValue
        }
    }

    /// What came back: a status, or why nothing did.
    var answer: String? {
        guard case .attempt(let attempt) = kind else { return nil }
        return attempt.status.map(String.init) ?? attempt.error?.rawValue
    }

    /// Of a request to Graph: whether it was answered as it should be.
    var tone: Tone? {
        guard case .attempt(let attempt) = kind else { return nil }
        guard let status = attempt.status else { return .bad }
        return status < 400 ? .good : status < 500 ? .fair : .bad
    }
}
