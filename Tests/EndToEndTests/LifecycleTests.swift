import Foundation
import TestSupport
import Testing

/// The whole life of an enrollment token, as portals and scripts see it.
@Suite("The life of a token, end to end", .timeLimit(.minutes(5)))
struct LifecycleTests {
    private static let representation = ["-H", "Prefer: return=representation"]

    private func ask(
        _ method: String = "GET",
        _ url: String,
        _ options: [String] = [],
        key: String = Deployment.key
    ) async throws -> CurlAnswer {
        try await curl(["-X", method, url, "-H", "X-API-Key: \(key)"] + options)
    }

    @Test("a token is made, shown, scanned and revoked", arguments: ["android-for-work", "device-owner"])
    func wholeLife(kind: String) async throws {
        let deployment = try await Deployment.start()
        let profile = kind == "device-owner" ? Deployment.deviceOwnerProfile : Deployment.profile
        let query = "?kind=\(kind)"
        let url = deployment.tokenURL(profile) + query
        #expect(try await ask("GET", url)["status"] == "none")

        let begin = ContinuousClock.now
        let created = try await deployment.mint(profile, query: query, options: Self.representation)
        #expect(created.status == 201 && created["representation"] == "complete")
        #expect(created.fields["preference-applied"] == "return=representation")
        let shown = try await deployment.profile(profile)
        #expect(created["value"] == shown["tokenValue"] as? String)
        #expect(created["qrCodeContent"] == shown["qrCodeContent"] as? String)

        let read = try await ask("GET", url)
        #expect(read["status"] == "active" && read["value"] == created["value"])
        let gone = Int((ContinuousClock.now - begin).components.seconds)
        #expect((3600 - gone - 2...3600).contains(read.json["secondsLeft"] as? Int ?? -1))
        #expect((read["createdAt"] != nil) == (kind == "device-owner"))
        // Where Location points, the token is.
        let location = try #require(created.fields["location"])
        #expect(try await ask("GET", deployment.gatewayURL + location)["value"] == created["value"])

        #expect(try await ask("DELETE", url).status == 204)
        #expect(try await deployment.profile(profile)["tokenValue"] is NSNull)
        #expect(try await ask("GET", url)["status"] == "none")
        let picture = deployment.tokenURL(profile) + "/qr-code" + query
        #expect(try await ask("GET", picture)["code"] == "token-not-found")
        #expect(try await ask("DELETE", url).status == 204)
    }

    @Test("what is drawn scans back to Graph's text", arguments: ["image/svg+xml", "image/png"])
    func scanned(type: String) async throws {
        let deployment = try await Deployment.start()
        let folder = try Folder()
        let created = try await deployment.mint(options: Self.representation)
        let picture = folder.path("qr")
        let code = try await run(
            "curl",
            ["-sS", "--fail", "-o", picture, "-H", "Accept: \(type)", "-H", "X-API-Key: \(Deployment.key)"]
                + [deployment.tokenURL() + "/qr-code"]
        ).code
        #expect(code == 0)
        var scannable = picture
        if type == "image/svg+xml" {
            scannable = folder.path("drawn.png")
            #expect(try await run("rsvg-convert", ["--width", "600", picture, "-o", scannable]).code == 0)
        }
        let scan = try await run("zbarimg", ["--raw", "-q", "--nodbus", "-Sdisable", "-Sqrcode.enable", scannable])
        #expect(scan.output.trimmingCharacters(in: .newlines) == created["qrCodeContent"])
    }

    @Test("two portals at the same moment each get a token of their own, and none the one before")
    func twoPortals() async throws {
        let deployment = try await Deployment.start(sandboxFlags: ["--read-lag", "1"])
        let before = try await deployment.mint(options: Self.representation)
        #expect(before["representation"] == "complete")
        async let first = deployment.mint(options: Self.representation)
        async let second = deployment.mint(options: Self.representation)
        let answers = try await [first, second]
        #expect(answers.map(\.status) == [201, 201])
        #expect(answers.map { $0["representation"] } == ["complete", "complete"])
        let values = answers.compactMap { $0["value"] }
        #expect(Set(values + [before["value"] ?? ""]).count == 3)
        let last = try await deployment.profile()["tokenValue"] as? String
        #expect(values.contains(last ?? "none"))
        #expect(try await deployment.arrived("createToken") == 3)
        for answer in answers { #expect(answer["qrCodeContent"]?.contains(answer["value"] ?? "none") == true) }
    }

    @Test(
        "while the profile lags for 3 s it is waited for the new token; for 60 s the answer says that it is not shown yet"
    )
    func lag() async throws {
        for (lag, isComplete) in [("3", true), ("60", false)] {
            let deployment = try await Deployment.start(sandboxFlags: ["--read-lag", lag])
            let start = ContinuousClock.now
            let answer = try await deployment.mint(options: Self.representation)
            let time = ContinuousClock.now - start
            #expect(answer.status == 201)
            #expect(answer["representation"] == (isComplete ? "complete" : "pending"))
            let shown = try await deployment.profile()["tokenValue"] as? String
            #expect(answer["value"] == (isComplete ? shown : nil))
            #expect(answer["qrCodeContent"] == nil || isComplete)
            #expect(answer.fields["preference-applied"] == (isComplete ? "return=representation" : nil))
            #expect(time > .seconds(2.5) && time < .seconds(25))
        }
    }

    @Test("a crowd that is content with the present token shares one")
    func shared() async throws {
        let deployment = try await Deployment.start()
        let body = #"{"tokenValidityInSeconds": 3600, "reuseIfValidForSeconds": 1800}"#
        let answers = try await withThrowingTaskGroup(of: CurlAnswer.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await self.ask(
                        "POST",
                        deployment.tokenURL(),
                        Self.representation + ["-H", "Content-Type: application/json", "-d", body]
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let statuses = answers.map(\.status).sorted()
        #expect(
            statuses == Array(repeating: 200, count: 19) + [201],
            "\(answers.filter { $0.status > 201 }.map(\.body))"
        )
        let value = try await deployment.profile()["tokenValue"] as? String
        #expect(Set(answers.map { $0["value"] }) == [value])
        #expect(try await deployment.arrived("createToken") == 1)
    }

    @Test("a list of several of Graph's pages is walked through, and holds nothing secret")
    func list() async throws {
        let deployment = try await Deployment.start(sandboxFlags: ["--extra-profiles", "230"])
        let token = try await deployment.mint(options: Self.representation)
        var (ids, pages, cursor) = ([String](), 0, "")
        repeat {
            let page = try await ask("GET", "\(deployment.gatewayURL)/profiles?limit=100\(cursor)")
            #expect(page.status == 200)
            #expect(!page.body.contains(token["value"] ?? "none") && !page.body.contains("PROVISIONING"))
            let profiles = page.json["profiles"] as? [[String: Any]] ?? []
            ids += profiles.compactMap { $0["id"] as? String }
            pages += 1
            cursor = page["nextCursor"].map { "&cursor=" + $0 } ?? ""
        } while !cursor.isEmpty && pages < 10
        #expect(ids.count == 233 && Set(ids).count == 233 && ids == ids.sorted() && pages == 3)
    }

    /// The gateway's limit is far below Graph's, and all of a modest caller's requests could wait for each other, so that a busy machine
    /// on which some bunch up fails nothing.
    @Test("one greedy caller of three is slowed, the others are served, and Graph sees no more than its limit")
    func greedy() async throws {
        let folder = try Folder()
        let ring = ["API_KEYS_PATH": folder.path("keys.json")]
        var keys: [String] = []
        for caller in ["greedy", "modest-a", "modest-b"] {
            let program = try Program(
                "enrollment-gateway",
                ["keys", "new", "--caller", caller, "--right", "token:create", "--profile", "*"],
                environment: ring
            )
            #expect(try await program.exitCode() == 0)
            keys.append(program.standardOutput.trimmingCharacters(in: .newlines))
        }
        let callers = keys
        let deployment = try await Deployment.start(
            sandboxFlags: ["--write-limit", "25/8s", "--extra-profiles", "60"],
            settings: ring.merging(["API_KEY": "", "GRAPH_WRITE_LIMIT": "10/8s"]) { $1 }
        )
        let start = ContinuousClock.now
        let answers = try await withThrowingTaskGroup(of: (caller: Int, answer: CurlAnswer).self) { group in
            // Each on a profile of its own, so that nobody waits for a turn.
            for number in 0..<60 {
                let profile = "bbbbbbbb-0000-4000-8000-\(String(format: "%012d", number + 1))"
                let caller = number < 52 ? 0 : number % 2 + 1
                group.addTask {
                    // The greedy one is there first, all at once; the others come over time.
                    if caller > 0 { try await Task.sleep(for: .milliseconds(300 + 700 * ((number - 52) / 2))) }
                    return (caller, try await deployment.mint(profile, key: callers[caller]))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let created = answers.count { $0.answer.status == 201 }
        let seconds = Int((ContinuousClock.now - start).components.seconds) + 1
        #expect(created <= 10 + seconds * 10 / 8)
        let modest = answers.filter { $0.caller > 0 }.map(\.answer)
        #expect(modest.count == 8 && modest.allSatisfy { $0.status == 201 }, "\(modest.map(\.body))")
        let refused = answers.filter { $0.answer.status == 503 }.map(\.answer)
        #expect(!refused.isEmpty)
        for answer in refused {
            #expect(answer["code"] == "graph-throttled" && answer["outcome"] == "not-created")
            // They are 60, and ten are sent in 8 s.
            #expect((1...48).contains(Int(answer.fields["retry-after"] ?? "") ?? 0))
        }
        let counters = try await curl([deployment.sandboxURL + "/_sandbox/counters"]).json
        let answered = (counters["createToken"] as? [String: Any])?["byStatus"] as? [String: Int] ?? [:]
        #expect(answered["429"] == nil, "\(answered)")
        #expect(answered["204"] == created)
    }
}
