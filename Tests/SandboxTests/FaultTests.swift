import HTTPTypes
import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's faults", .timeLimit(.minutes(5)))
struct FaultTests {
    @Test("a fault's answer has its status, fields and body, and nothing is done")
    func answer() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            try await client.control(
                "POST",
                "faults",
                """
                {"operation": "createToken", "effect": "answer", "status": 503, \
                "headers": {"Retry-After": "7", "WWW-Authenticate": ["a", "b"]}, "body": {"error": {"code": "Unknown"}}}
                """
            )
            let answer = try await client.createToken(token: token)
            #expect(answer.status == 503)
            #expect(answer.field("Retry-After") == "7")
            #expect(answer.text.contains("WWW-Authenticate: a\r\nWWW-Authenticate: b\r\n"))
            #expect(answer.field("Content-Type") == "application/json")
            #expect(answer.body == "{\"error\":{\"code\":\"Unknown\"}}")
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 0)
            #expect(client.store.counters[.createToken].answered == [503: 1])
            #expect(client.store.faults.isEmpty)
            #expect(try await client.createToken(token: token).status == 204)
        }
    }

    @Test("done but answered 503: the token is there, and the answer says otherwise")
    func doneButRefused() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            client.store.inject(
                SandboxFault(.createToken, at: .afterActing, .answer(.init(status: .serviceUnavailable)))
            )
            #expect(try await client.createToken(token: token).status == 503)
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 1)
            #expect(client.store.counters[.createToken].effective == 1)
        }
    }

    @Test(
        "close and reset end the connection without a byte, before or after the work as told",
        arguments: [SandboxFault.Ending.close, .reset],
        SandboxFault.Moment.allCases
    )
    func ending(_ ending: SandboxFault.Ending, at moment: SandboxFault.Moment) async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            try await client.control(
                "POST",
                "faults",
                "{\"operation\": \"createToken\", \"effect\": \"\(ending.rawValue)\", \"at\": \"\(moment.rawValue)\"}"
            )
            let answer = try await client.createToken(token: token)
            #expect(answer.bytes.readableBytes == 0)
            #expect(answer.ending == (ending == .close ? .closed : .reset))
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == (moment == .afterActing ? 1 : 0))
            #expect(client.store.counters[.createToken].arrived == 1)
            #expect(client.store.counters[.createToken].completed == 0)
            try await eventually { client.store.counters[.createToken].broken == 1 }
        }
    }

    @Test("half an answer is the head and half of the body")
    func half() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)"
            let whole = try await client.graph("GET", path, token: token)
            client.store.inject(SandboxFault(.get, .half(nil, then: .close)))
            let half = try await client.graph("GET", path, token: token)
            #expect(half.status == 200)
            #expect(half.field("Content-Length") == String(whole.body.utf8.count))
            #expect(half.body == String(whole.body.prefix(whole.body.count / 2)))
        }
    }

    @Test("half of a 204 is half of its head, and the token is made")
    func halfHead() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            client.store.inject(SandboxFault(.createToken, at: .afterActing, .half(nil, then: .reset)))
            let half = try await client.createToken(token: token)
            #expect(half.text.hasPrefix("HTTP/1.1 204 No Content\r\n"))
            #expect(!half.text.contains("\r\n\r\n"))
            #expect(half.ending == .reset)
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 1)
        }
    }

    @Test("a stale read shows the profile as it was before the latest token, and the next read is up to date")
    func stale() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let path = "\(SandboxClient.owner)/\(SandboxClient.ownerID)?$select=tokenValue,tokenCreationDateTime"
            _ = try await client.createToken("\(SandboxClient.owner)/\(SandboxClient.ownerID)", token: token)
            let before = try await client.graph("GET", path, token: token)
            _ = try await client.createToken("\(SandboxClient.owner)/\(SandboxClient.ownerID)", token: token)
            try await client.control("POST", "faults", "{\"operation\": \"get\", \"effect\": \"stale\"}")
            let stale = try await client.graph("GET", path, token: token)
            #expect(stale.status == 200)
            #expect(stale.body == before.body)
            let fresh = try await client.graph("GET", path, token: token)
            #expect(fresh.json["tokenValue"] == JSONValue(client.store.profile(SandboxClient.ownerID)?.tokenValue))
            #expect(fresh.body != before.body)
        }
    }

    @Test("a late creation happens although its client has left")
    func lateEffect() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            client.store.inject(SandboxFault(.createToken, after: .milliseconds(300), .proceed))
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)/createToken"
            let fields = [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")]
            let request = client.bytes("POST", path, fields, body: "{\"tokenValidityInSeconds\": 60}")
            try await HTTPConversation.leave(request, with: client.address) {
                try await eventually { client.store.counters[.createToken].arrived == 1 }
            }
            try await eventually { client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 1 }
        }
    }

    @Test("raw bytes leave as they are")
    func raw() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control(
                "POST",
                "faults",
                "{\"operation\": \"any\", \"effect\": \"raw\", \"text\": \"SSH-2.0-OpenSSH\\r\\n\", \"then\": \"close\"}"
            )
            let answer = try await client.askToken()
            #expect(answer.text == "SSH-2.0-OpenSSH\r\n")
            try await eventually { client.store.counters[.token].broken == 1 }
        }
    }

    @Test("a stalled request is silent until its client leaves", arguments: SandboxFault.Moment.allCases)
    func stall(at moment: SandboxFault.Moment) async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            client.store.inject(SandboxFault(.createToken, at: moment, .end(.stall)))
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)/createToken"
            let request = client.bytes(
                "POST",
                path,
                [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
                body: "{\"tokenValidityInSeconds\": 60}"
            )
            try await HTTPConversation.leave(request, with: client.address) {
                let expected = moment == .afterActing ? 1 : 0
                try await eventually { client.store.counters[.createToken].arrived == 1 }
                try await eventually { client.store.counters[.createToken].effective == expected }
                #expect(client.store.counters[.createToken].broken == 0)
            }
            try await eventually { client.store.counters[.createToken].broken == 1 }
        }
    }

    @Test("a stalled request does not keep the sandbox from stopping")
    func stallAndStop() async throws {
        let (addresses, found) = AsyncStream<SandboxAddress>.makeStream()
        async let conversation: HTTPConversation? = {
            for await address in addresses {
                let request = "POST /x/oauth2/v2.0/token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"
                return try await HTTPConversation.hold(request, with: address)
            }
            return nil
        }()
        try await SandboxClient.withSandbox { client in
            client.store.inject(SandboxFault(.token, .end(.stall)))
            found.yield(client.address)
            try await eventually { client.store.counters[.token].arrived == 1 }
        }
        #expect(try await conversation?.bytes.readableBytes == 0)
    }

    @Test("a delay lets the answer come late, and whole")
    func delay() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control(
                "POST",
                "faults",
                "{\"operation\": \"token\", \"effect\": \"delay\", \"delayMilliseconds\": 200}"
            )
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try await client.askToken().status == 200)
            #expect(clock.now - start >= .milliseconds(200))
        }
    }

    @Test("a body may be blown up to any size")
    func bodyBytes() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control(
                "POST",
                "faults",
                "{\"operation\": \"token\", \"effect\": \"answer\", \"status\": 200, \"body\": \"ab\", \"bodyBytes\": 300001}"
            )
            let answer = try await client.askToken()
            #expect(answer.body.utf8.count == 300_001)
            #expect(answer.body.hasSuffix("ba"))
        }
    }

    @Test("the n-th call and the next calls are counted from when the fault was armed")
    func calls() async throws {
        try await SandboxClient.withSandbox { client in
            #expect(try await client.askToken().status == 200)
            try await client.control(
                "POST",
                "faults",
                "{\"operation\":\"token\",\"effect\":\"answer\",\"status\":500,\"nth\":2}"
            )
            #expect(try await client.askToken().status == 200)
            #expect(try await client.askToken().status == 500)
            #expect(try await client.askToken().status == 200)
            try await client.control(
                "POST",
                "faults",
                "{\"operation\":\"token\",\"effect\":\"answer\",\"status\":502,\"next\":2}"
            )
            #expect(try await client.askToken().status == 502)
            #expect(try await client.askToken().status == 502)
            #expect(try await client.askToken().status == 200)
            try await client.control(
                "POST",
                "faults",
                "{\"operation\":\"token\",\"effect\":\"answer\",\"status\":429,\"untilReset\":true}"
            )
            for _ in 0..<3 { #expect(try await client.askToken().status == 429) }
            try await client.control("DELETE", "faults")
            #expect(try await client.askToken().status == 200)
        }
    }

    @Test("of several faults whose turn it is the oldest strikes, and each counts every call")
    func order() {
        var table = FaultTable()
        table.arm(SandboxFault(.get, calls: .nth(2), .end(.close)))
        table.arm(SandboxFault(nil, calls: .next(3), .end(.reset)))
        #expect(table.next(for: .token)?.effect == .end(.reset))
        #expect(table.next(for: .get)?.effect == .end(.reset))
        #expect(table.next(for: .get)?.effect == .end(.close))
        #expect(table.armed.isEmpty)
        #expect(table.next(for: .get) == nil)
    }
}
