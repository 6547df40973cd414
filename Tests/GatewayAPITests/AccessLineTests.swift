import KeyRing
import LogFacts
import Testing
import Traces

@testable import GatewayAPI

@Suite("An access line")
struct AccessLineTests {
    @Test("all that it may say has its own name and stands in alphabetical order")
    func complete() {
        var line = AccessLine(requestID: "mine", method: "POST", status: 504)
        line.route = "/profiles/{profileId}/token"
        line.duration = .milliseconds(12)
        line.trace = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        line.facts = RequestRecord.Facts(
            caller: "portal",
            keyID: KeyID("abcdefgh"),
            callerLeft: true,
            code: "outcome-unknown",
            outcome: "unknown",
            profileID: "profile",
            graphStatus: 503,
            graphRequestID: "graph",
            graphRequests: 2,
            recordID: "record",
            isReplay: true
        )
        let members = line.members.members
        let names = members.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        let values = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
        #expect(
            values == [
                "caller": "portal", "caller.left": "true", "duration_ms": "12", "graph.request_id": "graph",
                "http.method": "POST", "http.route": "/profiles/{profileId}/token", "http.status": "504",
                "idempotency.replayed": "true", "key.id": line.facts.keyID?.description, "ledger.record": "record",
                "outcome": "unknown", "problem.code": "outcome-unknown", "profile.id": "profile", "request.id": "mine",
                "span.id": "b7ad6b7169203331", "trace.id": "0af7651916cd43dd8448eb211c80319c",
                "upstream.requests": "2", "upstream.status": "503",
            ]
        )
    }
}
