import Foundation
import Synchronization
import TestSupport
import TestUpstream
import Testing

@Suite("Examples, end to end", .fewAtOnce(4), .timeLimit(.minutes(5)))
struct ExampleTests {
    @Test(
        "it prints the end and the value of the one token that it made",
        arguments: Example.allCases,
        ["android-for-work", "device-owner"]
    )
    func created(example: Example, kind: String) async throws {
        let deployment = try await Deployment.start()
        let id = kind == "device-owner" ? Deployment.deviceOwnerProfile : Deployment.profile
        let ending = try await example.mint(at: deployment.gatewayURL, profile: id, ["600", kind])
        #expect(ending.code == 0, "\(ending.complaint)")
        let shown = try await deployment.profile(id)
        #expect(shown["tokensCreated"] as? Int == 1)
        let end = try #require(ending.lines.first?.wholeMatch(of: /created (\S+Z)/)?.output.1)
        let told = try #require(ISO8601DateFormatter().date(from: String(end)))
        #expect(abs(told.timeIntervalSinceNow - 600) < 60)
        #expect(ending.lines.dropFirst() == [shown["tokenValue"] as? String ?? "none"])
        #expect(ending.complaint == "")
    }

    @Test("it waits where its key's rate is used up, and then has its token", arguments: Example.allCases)
    func rateLimited(example: Example) async throws {
        // On a machine that is busy a program may take longer to start than the key's rate to come back; then
        // it met no limit, and a slower rate is tried.
        for seconds in [4, 15, 40] where try await met(limitOfOneIn: seconds, by: example) { return }
        Issue.record("it never met the limit")
    }

    /// Whether the example's first request met the limit.
    private func met(limitOfOneIn seconds: Int, by example: Example) async throws -> Bool {
        let folder = try Folder()
        let ring = ["API_KEYS_PATH": folder.path("keys.json")]
        let keys = try Program(
            "enrollment-gateway",
            ["keys", "new", "--caller", "portal", "--right", "token:create", "token:read"]
                + ["--profile", "*", "--rate", "1/\(seconds)s"],
            environment: ring
        )
        #expect(try await keys.exitCode() == 0)
        let key = keys.standardOutput.trimmingCharacters(in: .newlines)
        let deployment = try await Deployment.start(settings: ring.merging(["API_KEY": ""]) { $1 })
        // That uses the rate up.
        #expect(try await deployment.mint(key: key).status == 201)
        let ending = try await example.mint(at: deployment.gatewayURL, key: key)
        #expect(ending.code == 0, "\(ending.complaint)")
        #expect(ending.lines.count == 2)
        #expect(try await deployment.profile()["tokensCreated"] as? Int == 2)
        return deployment.gateway.standardOutput.contains("rate-limited")
    }

    @Test(
        "it waits as long as Retry-After says, and sends the same key again",
        arguments: Example.allCases,
        [429, 503]
    )
    func retryAfter(example: Example, status: Int) async throws {
        let gateway = try ScriptedGateway(
            .problem(status, "overloaded", outcome: "not-created", retryAfter: 2),
            .complete
        )
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 0, "\(ending.complaint)")
        let arrivals = gateway.arrivals
        try #require(arrivals.count == 2)
        #expect(arrivals[1].time - arrivals[0].time >= .seconds(2))
        #expect(arrivals[0].key?.wholeMatch(of: /[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/) != nil)
        #expect(arrivals[0].key == arrivals[1].key)
        #expect(arrivals.allSatisfy { $0.request.field("Prefer") == "return=representation" })
    }

    @Test("it does not wait for longer than it has time", arguments: Example.allCases)
    func tooLong(example: Example) async throws {
        let gateway = try ScriptedGateway(.problem(429, "rate-limited", outcome: "not-created", retryAfter: 86400))
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 1)
        #expect(ending.complaint == #"not created: rate-limited: It is "so"."#)
        #expect(gateway.arrivals.count == 1)
    }

    @Test("a key that is not known makes nothing, and the gateway's code is told", arguments: Example.allCases)
    func wrongKey(example: Example) async throws {
        let deployment = try await Deployment.start()
        let ending = try await example.mint(at: deployment.gatewayURL, key: "some-other-key-0123456789")
        #expect(ending.code == 1)
        #expect(ending.complaint.hasPrefix("not created: api-key-invalid: "))
        #expect(ending.lines == [])
        #expect(try await deployment.arrived("createToken") == 0)
    }

    @Test("a profile that is not there has no token, and the gateway's code is told", arguments: Example.allCases)
    func unknownProfile(example: Example) async throws {
        let deployment = try await Deployment.start()
        let id = "eeeeeeee-0000-4000-8000-000000000001"
        let ending = try await example.mint(at: deployment.gatewayURL, profile: id)
        #expect(ending.code == 1)
        #expect(ending.complaint.hasPrefix("not created: profile-not-found: "))
        #expect(ending.lines == [])
    }

    @Test(
        "where the gateway keeps no ledger, a request whose answer is lost is never sent again",
        arguments: Example.allCases,
        [
            ScriptedGateway.Reply.close, .reset, .problem(504, "outcome-unknown", outcome: "unknown"),
            .answer(502, "<html>"),
        ]
    )
    func unknown(example: Example, reply: ScriptedGateway.Reply) async throws {
        let gateway = try ScriptedGateway(.withoutLedger, reply)
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 2)
        #expect(ending.complaint.contains(/^unknown: .*look at the profile/))
        #expect(ending.lines == [])
        let arrivals = gateway.arrivals
        #expect(arrivals.map { $0.key != nil } == [true, false])
    }

    @Test(
        "where the gateway takes the key, a request whose answer was lost is sent again with it",
        arguments: Example.allCases,
        [ScriptedGateway.Reply.close, .problem(504, "outcome-unknown", outcome: "unknown", retryAfter: 0)]
    )
    func repeated(example: Example, reply: ScriptedGateway.Reply) async throws {
        let gateway = try ScriptedGateway(reply, .complete)
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 0, "\(ending.complaint)")
        #expect(ending.lines == ["created \(ScriptedGateway.end)", ScriptedGateway.value])
        #expect(gateway.arrivals.count == 2)
        #expect(Set(gateway.arrivals.map(\.key)).count == 1)
    }

    @Test(
        "what is unknown stays so whatever a later request is answered but created, and is sent without the key by nobody",
        arguments: Example.allCases,
        [ScriptedGateway.Reply.withoutLedger, .problem(403, "permission-denied", outcome: "not-created")]
    )
    func unknownForGood(example: Example, reply: ScriptedGateway.Reply) async throws {
        let gateway = try ScriptedGateway(.problem(504, "outcome-unknown", outcome: "unknown", retryAfter: 0), reply)
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 2)
        #expect(ending.complaint.hasPrefix("unknown: "))
        #expect(gateway.arrivals.count == 2)
        #expect(gateway.arrivals.allSatisfy { $0.key != nil })
    }

    @Test(
        "it asks some times and not for ever, and says how often with nothing but the first key",
        arguments: Example.allCases
    )
    func bounded(example: Example) async throws {
        let gateway = try ScriptedGateway(.problem(503, "shutting-down", outcome: "not-created", retryAfter: 0))
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 1)
        #expect(ending.complaint.hasPrefix("not created: shutting-down: "))
        #expect(gateway.arrivals.count == 4)
        #expect(Set(gateway.arrivals.map(\.key)).count == 1)
    }

    @Test(
        "while the first request with its key runs it waits, however often it has to ask, and then has its token",
        arguments: Example.allCases
    )
    func inProgress(example: Example) async throws {
        let running = ScriptedGateway.Reply.problem(
            409,
            "idempotency-in-progress",
            outcome: "not-created",
            retryAfter: 0
        )
        let gateway = try ScriptedGateway(.close, running, running, running, running, running, .complete)
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 0, "\(ending.complaint)")
        #expect(ending.lines == ["created \(ScriptedGateway.end)", ScriptedGateway.value])
        #expect(gateway.arrivals.count == 7)
        #expect(Set(gateway.arrivals.map(\.key)).count == 1)
    }

    @Test("a gateway that nobody reaches made nothing", arguments: Example.allCases)
    func refused(example: Example) async throws {
        let port = try SilentPort(.refuses)
        let ending = try await example.mint(at: "http://127.0.0.1:\(port.port)")
        #expect(ending.code == 1)
        #expect(ending.complaint.hasPrefix("not created: unreachable: "))
        withExtendedLifetime(port) {}
    }

    @Test("where the profile is slow, it reads until the value is the new token's", arguments: Example.allCases)
    func pending(example: Example) async throws {
        let gateway = try ScriptedGateway { index, arrival in
            guard !arrival.isPost else { return .pending }
            return switch index {
            case 1: .problem(429, "rate-limited", outcome: nil, retryAfter: 1)
            case 2: .shown("OLDOLDOLDOLDOLDOLDOL", until: "2030-01-01T00:30:00Z")
            default: .shown(ScriptedGateway.value, until: "2030-01-01T01:00:02Z")
            }
        }
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 0, "\(ending.complaint)")
        #expect(ending.lines == ["created \(ScriptedGateway.end)", ScriptedGateway.value])
        #expect(gateway.arrivals.map(\.isPost) == [true, false, false, false])
    }

    @Test(
        "a token whose value cannot be read is created all the same",
        arguments: Example.allCases,
        [
            (ScriptedGateway.Reply.problem(403, "permission-denied", outcome: nil), 1),
            (.shown("OLD", until: "2029-12-31T00:00:00Z"), 5),
        ]
    )
    func unreadable(example: Example, read: (reply: ScriptedGateway.Reply, times: Int)) async throws {
        let gateway = try ScriptedGateway(.created(), read.reply)
        let ending = try await example.mint(at: gateway.url)
        #expect(ending.code == 0)
        #expect(ending.lines == ["created \(ScriptedGateway.end)"])
        #expect(ending.complaint == "no value yet: look at the profile")
        #expect(gateway.arrivals.count == 1 + read.times)
    }

    @Test(
        "without what it needs, it sends nothing and shows no key",
        arguments: Example.allCases,
        [["GATEWAY_URL": ""], ["PROFILE_ID": ""], ["GATEWAY_API_KEY": ""], ["GATEWAY_API_KEY": "secret\nkey"]]
    )
    func calledWrongly(example: Example, environment: [String: String]) async throws {
        let gateway = try ScriptedGateway(.complete)
        let ending = try await example.mint(at: gateway.url, environment: environment)
        #expect(ending.code == 64)
        #expect(ending.complaint == "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set")
        #expect(gateway.arrivals.isEmpty)
    }

    @Test("a Node without a global crypto, as version 18 is, has what it needs as well")
    func olderNode() async throws {
        let gateway = try ScriptedGateway(.complete)
        let older = ["NODE_OPTIONS": "--import=data:text/javascript,delete%20globalThis.crypto"]
        let ending = try await Example.node.mint(at: gateway.url, environment: older)
        #expect(ending.code == 0, "\(ending.complaint)")
        #expect(gateway.arrivals.first?.key != nil)
    }

    @Test("the QR code is on standard output, and a reason for having none is not")
    func qrCode() async throws {
        let picture = #"<svg xmlns="http://www.w3.org/2000/svg"/>"#
        let gateway = try ScriptedGateway { _, arrival in
            arrival.request.path.hasSuffix("kind=device-owner")
                ? .answer(200, picture) : .problem(404, "token-not-found", outcome: nil)
        }
        let found = try await Example.qrCode(at: gateway.url, ["device-owner"])
        #expect(found.code == 0)
        #expect(found.lines == [picture])
        let missing = try await Example.qrCode(at: gateway.url)
        #expect(missing.code == 1)
        #expect(missing.lines == [])
        #expect(missing.complaint.contains("token-not-found"))
        let paths = gateway.arrivals.map(\.request.path)
        let path = "/profiles/\(Deployment.profile)/token/qr-code"
        #expect(paths == [path + "?kind=device-owner", path])
        #expect(gateway.arrivals.allSatisfy { $0.request.field("Accept") == "image/svg+xml" })
    }

    @Test("while it asks, the key is on no command line", arguments: Example.allCases)
    func commandLines(example: Example) async throws {
        let key = "key-\(UUID().uuidString)"
        let exposed = Mutex<[String]>([])
        let lines = Mutex(0)
        let gateway = try ScriptedGateway { _, _ in
            for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
                guard let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { continue }
                let line = String(decoding: data, as: UTF8.self)
                lines.withLock { $0 += 1 }
                if line.contains(key) { exposed.withLock { $0.append(line) } }
            }
            return .complete
        }
        #expect(try await example.mint(at: gateway.url, key: key).code == 0)
        #expect(exposed.withLock { $0 } == [])
        #expect(lines.withLock { $0 } > 0)
        #expect(gateway.arrivals.first?.request.field("X-API-Key") == key)
    }
}
