import HTTPTypes
import KeyRing
import Ledger
import SQLiteLedger
import Synchronization
import TestSupport
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

@Suite("Idempotency-Key", .timeLimit(.minutes(5)))
struct IdempotencyTests {
    private static let key = ("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")

    /// A creation with a key.
    private static func mint(
        _ gateway: Gateway,
        _ fields: [(String, String)] = [],
        key: String = key.1,
        body: String? = nil
    ) async throws -> Answer {
        try await gateway.send(fields + [("Idempotency-Key", key)] + (body == nil ? [] : jsonFields), body: body)
    }

    @Test("a creation is answered again, and made once")
    func created() async throws {
        let gateway = Gateway(ledger: try await KeptLedger())
        let first = try await Self.mint(gateway)
        let second = try await Self.mint(gateway, key: "\"\(Self.key.1)\"")
        #expect(first.status == 201 && second.status == 201)
        #expect(first["Idempotent-Replayed"] == nil && second["Idempotent-Replayed"] == "true")
        #expect(first.body == second.body && first["Location"] == second["Location"])
        #expect(first["X-Request-ID"] != second["X-Request-ID"])
        #expect(gateway.tokens.calls.count == 1)
        let lines = gateway.accessLines
        #expect(lines.map { $0["idempotency.replayed"] } == [nil, "true"])
        #expect(lines[0]["ledger.record"] == lines[1]["ledger.record"] && lines[0]["ledger.record"] != nil)
        #expect(lines.map { $0["outcome"] } == ["created", "created"])
    }

    @Test("another preference is no other request: 204 for minimal")
    func minimal() async throws {
        let gateway = Gateway(ledger: try await KeptLedger())
        _ = try await Self.mint(gateway)
        let minimal = try await Self.mint(gateway, [("Prefer", "return=minimal")])
        #expect(minimal.status == 204 && minimal["Idempotent-Replayed"] == "true" && minimal.body.isEmpty)
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test(
        "another body, kind, profile or operation with the key is refused, and nothing is done",
        arguments: [0, 1, 2, 3]
    )
    func reused(which: Int) async throws {
        let gateway = Gateway(ledger: try await KeptLedger())
        _ = try await Self.mint(gateway)
        let other = Gateway.path.replacing("7b1d", with: "7b1e")
        let answer =
            switch which {
            case 0: try await Self.mint(gateway, body: #"{"tokenValidityInSeconds": 3600}"#)
            case 1: try await gateway.send(.post, Gateway.path + "?kind=device-owner", [Self.key])
            case 2: try await gateway.send(.post, other, [Self.key])
            default: try await gateway.send(.delete, Gateway.path, [Self.key])
            }
        try expect(
            answer,
            is: ExpectedProblem(
                .idempotencyKeyReused,
                outcome: which == 3 ? "not-revoked" : "not-created",
                member: "Idempotency-Key"
            )
        )
        #expect(gateway.tokens.asked.count == 1)
    }

    @Test("an empty body and {} are the same request, in whatever form the id is")
    func same() async throws {
        let gateway = Gateway(ledger: try await KeptLedger())
        _ = try await Self.mint(gateway)
        #expect(try await Self.mint(gateway, body: "{}")["Idempotent-Replayed"] == "true")
        let upper = "/profiles/\(Gateway.profile.uppercased())/token?kind=android-for-work"
        #expect(try await gateway.send(.post, upper, [Self.key])["Idempotent-Replayed"] == "true")
    }

    @Test(
        "what is refused for good is answered again",
        arguments: [(404, "profile-not-found"), (409, "conflict"), (422, "graph-refused")]
    )
    func refused(status: Int, code: String) async throws {
        let kinds: [Int: GraphError.Kind] = [404: .profileNotFound, 409: .conflict, 422: .refused]
        let fault = GraphFault(status: .init(code: status), fields: [.graphRequestID: "graph-request"])
        let error = GraphError(try #require(kinds[status]), outcome: .notCreated, fault: fault)
        let gateway = Gateway(tokens: ScriptedTokens(failing: error), ledger: try await KeptLedger())
        let answers = [try await Self.mint(gateway), try await Self.mint(gateway)]
        #expect(answers.map(\.status) == [status, status])
        #expect(answers.map { $0.problem?.code } == [code, code])
        #expect(answers.map { $0.problem?.outcome } == ["not-created", "not-created"])
        #expect(answers.map { $0.problem?.detail }.allSatisfy { $0 == answers[0].problem?.detail })
        #expect(answers.map { $0["Idempotent-Replayed"] } == [nil, "true"])
        #expect(answers[1].body.contains("graph-request"))
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test(
        "what did nothing and may do better releases the key",
        arguments: [GraphError.Kind.throttled, .unreachable, .failed]
    )
    func released(kind: GraphError.Kind) async throws {
        let failures = Mutex(2)
        let tokens = ScriptedTokens { (_, validity) throws(GraphError) in
            let fails = failures.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            if fails { throw GraphError(kind, outcome: .notCreated) }
            return .sample(validity: validity)
        }
        let kept = try await KeptLedger()
        let gateway = Gateway(tokens: tokens, ledger: kept)
        for _ in 0..<2 { #expect(try await Self.mint(gateway).problem?.outcome == "not-created") }
        let created = try await Self.mint(gateway)
        #expect(created.status == 201 && created["Idempotent-Replayed"] == nil)
        #expect(try await Self.mint(gateway)["Idempotent-Replayed"] == "true")
        #expect(tokens.calls.count == 3)
        #expect(try await kept.records.map(\.state) == [.refused, .refused, .created])
    }

    @Test("an unknown one is read about again and never sent again; what reading finds out is answered from then on")
    func unknown() async throws {
        let settlements = Mutex<[Settlement]>([
            .open,
            .done(
                createdAt: Timestamp(secondsSince1970: 1_772_439_330),
                expiresAt: Timestamp(secondsSince1970: 1_772_442_930)
            ),
        ])
        var script = ScriptedTokens.Script()
        script.mint = { (_, _) throws(GraphError) in throw GraphError(.outcomeUnknown, outcome: .unknown) }
        script.settlement = { () throws(GraphError) in settlements.withLock { $0.removeFirst() } }
        let clock = ManualClock()
        let gateway = Gateway(tokens: ScriptedTokens(script: script), ledger: try await KeptLedger(clock: clock))
        let body = #"{"tokenValidityInSeconds": 3600}"#
        #expect(try await Self.mint(gateway, body: body).problem?.code == "outcome-unknown")
        // Who asks again and again does not make it be read about as often.
        for _ in 0..<3 {
            let still = try await Self.mint(gateway, body: body)
            #expect(
                still.status == 504 && still.problem?.outcome == "unknown" && still["Idempotent-Replayed"] == "true"
            )
        }
        clock.advance(by: .seconds(5))
        let found = try await Self.mint(gateway, body: body)
        #expect(found.status == 201 && found.body.contains(#""expiresAt":"2026-03-02T09:15:30Z""#))
        #expect(try await Self.mint(gateway, body: body).status == 201)
        #expect(gateway.tokens.calls.count == 1)
        #expect(gateway.tokens.asked.filter { if case .settle = $0 { true } else { false } }.count == 2)
    }

    @Test("what turns out not to have been created is told as such, and the next one runs anew")
    func settledNo() async throws {
        let first = Mutex(true)
        var script = ScriptedTokens.Script()
        script.mint = { (order, _) throws(GraphError) in
            let isFirst = first.withLock { first in
                defer { first = false }
                return first
            }
            if isFirst { throw GraphError(.outcomeUnknown, outcome: .unknown) }
            return .created(.sample(validity: order.validityInSeconds))
        }
        script.settlement = { () throws(GraphError) in .notDone }
        let gateway = Gateway(tokens: ScriptedTokens(script: script), ledger: try await KeptLedger())
        #expect(try await Self.mint(gateway).status == 504)
        let settled = try await Self.mint(gateway)
        #expect(settled.problem?.code == "graph-failed" && settled.problem?.outcome == "not-created")
        #expect(gateway.tokens.calls.count == 1)
        #expect(try await Self.mint(gateway).status == 201)
        #expect(gateway.tokens.calls.count == 2)
    }

    @Test("while the first one runs, the others hear when to come again")
    func inProgress() async throws {
        let (reached, finish) = (Event(), Event())
        let tokens = ScriptedTokens { (_, validity) throws(GraphError) in
            reached.happen()
            await finish.wait()
            return .sample(validity: validity)
        }
        let gateway = Gateway(tokens: tokens, ledger: try await KeptLedger())
        async let first = Self.mint(gateway)
        await reached.wait()
        let second = try await Self.mint(gateway)
        try expect(second, is: ExpectedProblem(.idempotencyInProgress, member: "Idempotency-Key", retryAfter: 2))
        finish.happen()
        #expect(try await first.status == 201)
        #expect(try await Self.mint(gateway)["Idempotent-Replayed"] == "true")
        #expect(tokens.calls.count == 1)
    }

    @Test("a revocation is answered again, and done once")
    func revoked() async throws {
        let kept = try await KeptLedger()
        let gateway = Gateway(ledger: kept)
        let answers = [
            try await gateway.send(.delete, Gateway.path, [Self.key]),
            try await gateway.send(.delete, Gateway.path, [Self.key]),
        ]
        #expect(answers.map(\.status) == [204, 204])
        #expect(answers.map { $0["Idempotent-Replayed"] } == [nil, "true"])
        #expect(gateway.tokens.asked.count == 1)
        #expect(try await kept.records.map(\.state) == [.revoked])
    }

    @Test("the token is read anew: shown while it is there still, else it is said to be replaced")
    func representation() async throws {
        let shown = Mutex(ShownToken.sample)
        var script = ScriptedTokens.Script()
        script.mint = { (order, _) throws(GraphError) in .created(.sample(validity: order.validityInSeconds)) }
        script.token = { () throws(GraphError) in shown.withLock { $0 } }
        let gateway = Gateway(tokens: ScriptedTokens(script: script), ledger: try await KeptLedger())
        let body = #"{"tokenValidityInSeconds": 3600}"#
        let wish = [("Prefer", "return=representation")]
        _ = try await Self.mint(gateway, wish, body: body)
        let same = try await Self.mint(gateway, wish, body: body)
        #expect(same.body.contains(ShownToken.sampleValue) && same["Preference-Applied"] == "return=representation")
        #expect(!(try await Self.mint(gateway, body: body)).body.contains(ShownToken.sampleValue))
        // So soon after the creation Graph may still show what was there before.
        for change in [60.0, -60, 7200] {
            shown.withLock { $0.expiresAt = ShownToken.sample.expiresAt.map { $0 + .seconds(change) } }
            let other = try await Self.mint(gateway, wish, body: body)
            #expect(other.status == 201 && other.body.contains(#""representation":"pending""#))
            #expect(!other.body.contains(ShownToken.sampleValue) && other["Preference-Applied"] == nil)
        }
        // Another request of the gateway's own has replaced it, whatever the profile shows.
        shown.withLock { $0 = .sample }
        _ = try await Self.mint(gateway, key: "another", body: body)
        #expect(try await Self.mint(gateway, wish, body: body).body.contains(#""representation":"replaced""#))
    }

    @Test("that its token cannot be read makes a creation that was carried out no other: it is pending")
    func unreadable() async throws {
        var script = ScriptedTokens.Script()
        script.mint = { (order, _) throws(GraphError) in .created(.sample(validity: order.validityInSeconds)) }
        script.token = { () throws(GraphError) in throw GraphError(.timedOut, outcome: nil) }
        let gateway = Gateway(tokens: ScriptedTokens(script: script), ledger: try await KeptLedger())
        let wish = [("Prefer", "return=representation")]
        _ = try await Self.mint(gateway, wish)
        let again = try await Self.mint(gateway, wish)
        #expect(again.status == 201 && again["Idempotent-Replayed"] == "true")
        #expect(again.body.contains(#""representation":"pending""#) && again["Preference-Applied"] == nil)
    }

    @Test("what may be another request's token is not handed out: one that runs, and one that is unknown")
    func anothers() async throws {
        let (reached, finish) = (Event(), Event())
        let count = Mutex(0)
        var script = ScriptedTokens.Script()
        script.token = { () throws(GraphError) in .sample }
        script.mint = { (order, _) async throws(GraphError) in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 2 {
                reached.happen()
                await finish.wait()
                throw GraphError(.outcomeUnknown, outcome: .unknown)
            }
            return .created(.sample(validity: order.validityInSeconds))
        }
        let gateway = Gateway(tokens: ScriptedTokens(script: script), ledger: try await KeptLedger())
        let body = #"{"tokenValidityInSeconds": 3600}"#
        let wish = [("Prefer", "return=representation")]
        _ = try await Self.mint(gateway, wish, body: body)
        #expect(try await Self.mint(gateway, wish, body: body).body.contains(ShownToken.sampleValue))
        async let second = Self.mint(gateway, wish, key: "another", body: body)
        await reached.wait()
        #expect(try await Self.mint(gateway, wish, body: body).body.contains(#""representation":"pending""#))
        finish.happen()
        #expect(try await second.status == 504)
        #expect(try await Self.mint(gateway, wish, body: body).body.contains(#""representation":"pending""#))
    }

    @Test("a present token that was good enough is told of again")
    func reused() async throws {
        let kept = try await KeptLedger()
        let gateway = Gateway(tokens: ScriptedTokens(minting: .present(.sample)), ledger: kept)
        let body = #"{"reuseIfValidForSeconds": 60}"#
        let answers = [try await Self.mint(gateway, body: body), try await Self.mint(gateway, body: body)]
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.map { $0["Idempotent-Replayed"] } == [nil, "true"])
        #expect(answers[1].body.contains(#""expiresAt":"2026-03-02T09:15:30Z""#))
        #expect(gateway.tokens.calls.count == 1)
        #expect(try await kept.records.map(\.outcome) == [.reused])
    }

    @Test("callers have name spaces of their own")
    func nameSpaces() async throws {
        let ring = RingKey(caller: "other")
        let gateway = Gateway(ledger: try await KeptLedger(), keys: [ring.entry])
        _ = try await Self.mint(gateway)
        let other = try await gateway.send([Self.key], key: ring.text)
        #expect(other.status == 201 && other["Idempotent-Replayed"] == nil)
        #expect(gateway.tokens.calls.count == 2)
    }

    @Test(
        "what is no key is refused, naming the header",
        arguments: [
            [""], ["a", "b"], ["a,b"], ["a b"], ["\""], ["\"\""], ["\"a"], ["a\""], [#""a\n""#],
            [String(repeating: "k", count: 256)],
            ["ä"],
        ]
    )
    func invalid(values: [String]) async throws {
        let gateway = Gateway(ledger: try await KeptLedger())
        for method in [HTTPRequest.Method.post, .delete] {
            try expect(
                await gateway.send(method, Gateway.path, values.map { ("Idempotency-Key", $0) }),
                is: ExpectedProblem(
                    .requestInvalid,
                    outcome: method == .post ? "not-created" : "not-revoked",
                    member: "Idempotency-Key"
                )
            )
        }
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("while what was left behind is looked into, nothing is taken and reads are answered")
    func starting() async throws {
        let kept = try await KeptLedger(isStarting: true)
        let gateway = Gateway(checks: [LedgerCheck { kept.ledger.health }], ledger: kept)
        try expect(await gateway.send([]), is: ExpectedProblem(.starting, retryAfter: 3))
        try expect(
            await gateway.send(.delete, Gateway.path),
            is: ExpectedProblem(.starting, outcome: "not-revoked", retryAfter: 3)
        )
        #expect(try await gateway.send(.get, Gateway.path).status == 200)
        let ready = try await gateway.manage("/readyz")
        #expect(ready.status == 503 && ready.body.contains(#""detail":"settling""#))
        kept.ledger.finishStarting(late: false)
        #expect(try await gateway.send([]).status == 201)
    }

    @Test("what cannot be put on record is not sent, with or without a key; reads are answered")
    func unavailable() async throws {
        let kept = try await KeptLedger()
        await kept.store.close()
        let gateway = Gateway(checks: [LedgerCheck { kept.ledger.health }], ledger: kept)
        for fields in [[], [Self.key]] {
            try expect(await gateway.send(fields), is: ExpectedProblem(.ledgerUnavailable, retryAfter: 5))
        }
        #expect(try await gateway.send(.get, Gateway.path).status == 200)
        let ready = try await gateway.manage("/readyz")
        #expect(ready.status == 200 && ready.body.contains("degraded") && ready.body.contains("ledger-unavailable"))
        try await kept.store.open()
        #expect(try await gateway.send([Self.key]).status == 201)
        #expect(!(try await gateway.manage("/readyz")).body.contains("ledger-unavailable"))
    }

    @Test("each request that may change something has a record, and nothing secret is in it")
    func records() async throws {
        let kept = try await KeptLedger()
        let ring = RingKey(caller: "portal")
        let gateway = Gateway(ledger: kept, keys: [ring.entry])
        _ = try await gateway.send(
            [("X-Request-ID", "mine-1"), Self.key] + jsonFields,
            key: ring.text,
            body: #"{"tokenValidityInSeconds": 3600}"#
        )
        _ = try await gateway.send(.delete, Gateway.path, key: ring.text)
        _ = try await gateway.send(.get, Gateway.path, key: ring.text)
        _ = try await gateway.send([], key: "wrong-key-0123456789")
        let records = try await kept.records
        #expect(records.map(\.state) == [.created, .revoked])
        let created = try #require(records.first)
        #expect(
            created.caller == "portal" && created.keyID == ring.entry.id.description && created.requestID == "mine-1"
        )
        #expect(created.profile.id.description == Gateway.profile && created.validityInSeconds == 3600)
        #expect(created.result.graphRequestID == CreatedToken.graphRequestID)
        #expect(created.keyDigest == Digest(of: Self.key.1))
        #expect(
            created.sentAt != nil && created.decidedAt != nil
                && created.acceptedAt <= created.sentAt ?? created.acceptedAt
        )
        #expect(created.result.tokenExpiresAt == Timestamp(secondsSince1970: 1_772_442_930))
    }
}

extension Answer {
    fileprivate var problem: ProblemDocument? { try? decoded(ProblemDocument.self) }
}
