import Graph
import HTTPTypes
import KeyRing
import Testing

@testable import GatewayAPI

@Suite("What holds for every operation", .timeLimit(.minutes(5)))
struct OperationTests {
    private static let profile = ProfileID(Gateway.profile)!

    /// A gateway where everything is there for every operation.
    private func gateway(_ keys: [RingKey] = [], settings: [String: String] = [:]) -> Gateway {
        var script = ScriptedTokens.Script()
        let profiles = ProfileKind.allCases.map { EnrollmentProfile(ProfileReference(kind: $0, id: Self.profile)) }
        script.profiles = { () throws(GraphError) in profiles }
        return Gateway(tokens: ScriptedTokens(script: script), settings: settings, keys: keys.map(\.entry))
    }

    @Test("each needs its own right and no other, and asks nothing of Graph without it", arguments: Operation.allCases)
    func rights(operation: Operation) async throws {
        let needed = operation.right
        let only = RingKey(rights: [needed])
        #expect(
            try await gateway([only]).send(operation.method, operation.path, key: only.text).status == operation.status
        )
        for rights in [[], Set(KeyRight.allCases).subtracting([needed])] {
            let others = RingKey(rights: rights)
            let gateway = gateway([others])
            let problem = try expect(
                await gateway.send(operation.method, operation.path, key: others.text),
                is: ExpectedProblem(.permissionDenied, outcome: operation.notDone)
            )
            #expect(problem.detail.contains(needed.rawValue))
            #expect(gateway.tokens.asked.isEmpty)
        }
    }

    @Test("a key for one kind does nothing with the other", arguments: Operation.allCases, ProfileKind.allCases)
    func kindOfKey(operation: Operation, kind: ProfileKind) async throws {
        let key = RingKey(kinds: [kind])
        let gateway = gateway([key])
        for asked in ProfileKind.allCases where asked != kind {
            try expect(
                await gateway.send(operation.method, operation.path + "?kind=\(asked.rawValue)", key: key.text),
                is: ExpectedProblem(.permissionDenied, outcome: operation.notDone, member: "kind")
            )
        }
        #expect(gateway.tokens.asked.isEmpty)
        let own = try await gateway.send(operation.method, operation.path + "?kind=\(kind.rawValue)", key: key.text)
        #expect(own.status == operation.status)
    }

    @Test("a key for another profile does nothing with this one", arguments: Operation.ofOneProfile)
    func profileOfKey(operation: Operation) async throws {
        let key = RingKey(profiles: .some([ProfileID("aaaaaaaa-0000-4000-8000-000000000001")!]))
        let gateway = gateway([key])
        try expect(
            await gateway.send(operation.method, operation.path, key: key.text),
            is: ExpectedProblem(.permissionDenied, outcome: operation.notDone, member: "profileId")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("without a key it is 401", arguments: Operation.allCases)
    func withoutKey(operation: Operation) async throws {
        let gateway = gateway()
        try expect(
            await gateway.send(operation.method, operation.path, key: nil),
            is: ExpectedProblem(.apiKeyMissing, outcome: operation.notDone, member: "X-API-Key")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("kind picks the collection, the configured one where it is absent", arguments: Operation.allCases)
    func kinds(operation: Operation) async throws {
        for configured in ProfileKind.allCases {
            for asked in [nil] + ProfileKind.allCases.map(Optional.init) {
                let gateway = gateway(settings: ["GRAPH_PROFILE_KIND": configured.rawValue])
                let query = asked.map { "?kind=" + $0.rawValue } ?? ""
                #expect(try await gateway.send(operation.method, operation.path + query).status == operation.status)
                #expect(gateway.tokens.asked.map(\.kind) == [asked ?? configured])
            }
        }
    }

    @Test(
        "an unknown kind, an empty one, or two of them are refused",
        arguments: Operation.allCases,
        ["kind=", "kind", "kind=android", "kind=Device-Owner", "kind=device-owner&kind=device-owner"]
    )
    func badKind(operation: Operation, query: String) async throws {
        let gateway = gateway()
        try expect(
            await gateway.send(operation.method, operation.path + "?" + query),
            is: ExpectedProblem(.requestInvalid, outcome: operation.notDone, member: "kind")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("an unknown query parameter is refused", arguments: Operation.allCases)
    func unknownParameter(operation: Operation) async throws {
        let gateway = gateway()
        // What lists take, nothing else does.
        let names = ["x", "Kind", "$select"] + (operation == .listProfiles ? [] : ["limit", "cursor"])
        for name in names {
            try expect(
                await gateway.send(operation.method, operation.path + "?\(name)=1"),
                is: ExpectedProblem(.requestInvalid, outcome: operation.notDone, member: InputName.safe(name))
            )
        }
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("what is no profile id is refused", arguments: Operation.ofOneProfile)
    func badProfile(operation: Operation) async throws {
        let gateway = gateway()
        for id in ["x", "{\(Gateway.profile)}", Gateway.profile.replacing("-", with: ""), Gateway.profile + "0", "%2e"]
        {
            try expect(
                await gateway.send(operation.method, operation.path(of: id)),
                is: ExpectedProblem(.profileIDInvalid, outcome: operation.notDone, member: "profileId")
            )
        }
        #expect(gateway.tokens.asked.isEmpty)
        #expect(try await gateway.send(operation.method, operation.path(of: Gateway.profile.uppercased())).status < 300)
    }

    @Test(
        "a condition is refused on what changes something, and changes nothing on a read",
        arguments: Operation.allCases,
        ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"]
    )
    func conditions(operation: Operation, name: String) async throws {
        for value in ["*", "\"x\"", "Mon, 02 Mar 2026 08:15:30 GMT", ""] {
            let gateway = gateway()
            let answer = try await gateway.send(operation.method, operation.path, [(name, value)])
            if operation.method == .get {
                #expect(answer.status == 200)
                #expect(gateway.tokens.asked.count == 1)
            } else {
                try expect(
                    answer,
                    is: ExpectedProblem(.requestInvalid, outcome: operation.notDone, member: name)
                )
                #expect(gateway.tokens.asked.isEmpty)
            }
        }
    }

    @Test(
        "a read that answers with JSON is 406 where Accept rules that out",
        arguments: [Operation.readToken, .listProfiles, .readProfile],
        ["text/html", "application/problem+json", "application/json;q=0", "image/*", "*/*;q=0"]
    )
    func notAcceptable(operation: Operation, accept: String) async throws {
        let gateway = gateway()
        try expect(
            await gateway.send(operation.method, operation.path, [("Accept", accept)]),
            is: ExpectedProblem(.notAcceptable, outcome: nil, member: "Accept")
        )
        #expect(gateway.tokens.asked.isEmpty)
        for accept in ["application/json", "*/*", "application/problem+json, application/json;q=0.1"] {
            #expect(try await gateway.send(operation.method, operation.path, [("Accept", accept)]).status == 200)
        }
    }

    @Test("an Idempotency-Key on a read changes nothing", arguments: Operation.reads)
    func idempotencyKey(operation: Operation) async throws {
        let answer = try await gateway().send(operation.method, operation.path, [("Idempotency-Key", "a")])
        #expect(answer.status == 200)
    }
}

extension ScriptedTokens.Asked {
    fileprivate var kind: ProfileKind {
        switch self {
        case .mint(_, let profile), .token(let profile, _), .revoke(let profile, caller: _), .profile(let profile),
            .settle(let profile):
            profile.kind
        case .profiles(let kind): kind
        }
    }
}
