import Explanations
import InMemoryLogging
import Logging
import Testing
import Transport

@testable import Graph

@Suite("GraphFault, what it means", .timeLimit(.minutes(5)))
struct GraphFaultExplanationTests {
    @Test(
        "a fault is explained by its words, its code or its status",
        arguments: [
            (GraphFault(status: 403, code: "Forbidden"), "Forbidden"),
            (GraphFault(status: 400, code: "BadRequest", message: "Bad validity"), "BadRequest"),
            (
                GraphFault(status: 400, code: "BadRequest", message: "Request not applicable to target tenant."),
                "Request not applicable to target tenant"
            ),
            (GraphFault(status: 503, code: "SomethingNew"), "serviceNotAvailable"),
            (GraphFault(status: 429), "TooManyRequests"),
            (GraphFault(status: 418), nil),
        ] as [(GraphFault, String?)]
    )
    func explanation(fault: GraphFault, code: String?) {
        #expect(fault.explanation?.code == code)
    }

    @Test("the log names the remedy beside a refusal, and beside silence")
    func log() async throws {
        let handler = InMemoryLogHandler()
        let logger = Logger(label: "test") { _ in handler }
        for step in [FakeGraph.Create.answers(.status(403)), .fails(.reset)] {
            let bench = Bench(creates: [step], logger: logger)
            _ = await bench.outcome()
        }
        let remedies = handler.entries.compactMap { $0.metadata["graph.remedy"]?.description }
        #expect(remedies.contains { $0.hasPrefix("Entra administrator: ") })
        #expect(remedies.contains { $0.hasPrefix("Network: ") })
    }
}
