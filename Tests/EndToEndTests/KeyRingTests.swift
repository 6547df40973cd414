import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// The keys command and a gateway that runs with what it writes.
@Suite("Keys, end to end", .timeLimit(.minutes(5)))
struct KeyRingTests {
    private let folder: Folder
    private var path: String { folder.path + "/keys.json" }
    private static let other = "aaaaaaaa-0000-4000-8000-000000000002"

    init() throws { folder = try Folder() }

    /// What a command said and how it ended.
    private func keys(_ arguments: [String]) async throws -> (output: String, complaint: String, code: Int32) {
        let program = try Program("enrollment-gateway", ["keys"] + arguments, environment: ["API_KEYS_PATH": path])
        let code = try await program.exitCode()
        return (program.standardOutput, program.standardError, code)
    }

    /// A new key: what stands on standard output, without the line's end.
    private func newKey(_ more: [String] = ["--profile", "*"], caller: String = "portal-eu") async throws -> String {
        let made = try await keys(["new", "--caller", caller, "--right", "token:create"] + more)
        #expect(made.code == 0, "\(made.complaint)")
        #expect(made.output.wholeMatch(of: /egk_[a-z2-7]{8}_[0-9A-Za-z]{49}\n/) != nil)
        return made.output.trimmingCharacters(in: .newlines)
    }

    private func id(_ key: String) -> String { String(key.dropFirst(4).prefix(8)) }

    private func deployment(_ settings: [String: String] = [:]) async throws -> Deployment {
        try await .start(settings: ["API_KEYS_PATH": path, "API_KEY": ""].merging(settings) { $1 })
    }

    /// Suspends until minting with a key is answered so; tells how long that took.
    private func waitUntil(_ status: Int, with key: String, at deployment: Deployment) async throws -> Duration {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(30) {
            if try await deployment.mint(key: key).status == status { return ContinuousClock.now - start }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "never \(status)")
    }

    @Test("a new key works on a running gateway, a revoked one ends under load, and no other caller notices")
    func liveRing() async throws {
        let steady = try await newKey(caller: "steady")
        let deployment = try await deployment()
        let isOver = Flag()
        try await withThrowingTaskGroup(of: [Int].self) { group in
            group.addTask {
                var statuses: [Int] = []
                while !isOver.isSet {
                    statuses.append(try await deployment.mint(Self.other, key: steady).status)
                }
                return statuses
            }
            let key = try await newKey(["--profile", Deployment.profile])
            _ = try await waitUntil(201, with: key, at: deployment)
            let denied = try await deployment.mint(Self.other, key: key)
            #expect(denied.status == 403)
            #expect(denied["code"] == "permission-denied")
            let revoked = try await keys(["revoke", id(key)])
            #expect(revoked.code == 0)
            _ = try await waitUntil(401, with: key, at: deployment)
            #expect(try await deployment.mint(key: key)["detail"]?.contains("revoked") == true)
            isOver.set()
            for try await statuses in group {
                #expect(!statuses.isEmpty)
                #expect(statuses.allSatisfy { $0 == 201 })
            }
        }
    }

    @Test("rotating leaves both keys in force, and the first one ends when it was told")
    func rotation() async throws {
        let first = try await newKey()
        let deployment = try await deployment()
        let rotated = try await keys(["rotate", id(first), "--overlap", "3s"])
        let second = rotated.output.trimmingCharacters(in: .newlines)
        #expect(rotated.complaint.contains("ends at"))
        _ = try await waitUntil(201, with: second, at: deployment)
        _ = try await waitUntil(401, with: first, at: deployment)
        #expect(try await deployment.mint(key: second).status == 201)
        #expect(try await deployment.mint(key: first)["detail"]?.contains("has ended") == true)
    }

    @Test(
        "a broken file changes nothing, is told at error and in readiness, and heals by itself",
        arguments: [
            "", "{\"version\":1,\"keys\":[{", "{\"version\":1,\"keys\":[{\"id\":\"abcdefgh\",\"rights\":[\"all\"]}]}",
        ]
    )
    func broken(text: String) async throws {
        let key = try await newKey()
        let good = try folder.read("keys.json")
        let deployment = try await deployment()
        _ = try folder.write(text, to: "keys.json")
        let line = try await deployment.gateway.waitFor("an error") { program in
            program.log.first { $0["message"]?.hasPrefix("The key ring's file cannot be used") == true }
        }
        #expect(line["level"] == "error")
        #expect(line["reason"]?.isEmpty == false)
        #expect(try await deployment.mint(key: key).status == 201)
        #expect(try await deployment.mint(key: "wrong").status == 401)
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        let ready = try await curl(["http://127.0.0.1:\(port)/readyz"])
        #expect(ready.status == 200)
        #expect(ready.body.contains("key-ring-unusable"))
        _ = try folder.write(good, to: "keys.json")
        _ = try await deployment.gateway.logLine("Key ring read")
        #expect(try await curl(["http://127.0.0.1:\(port)/readyz"]).body.contains("key-ring-unusable") == false)
    }

    /// A lease (fcntl(2)) on a file that nobody has open: until it is given up, opening fails for who does not wait. Of all ways
    /// of being unreadable for a while it is the one that leaves file and gateway as they are.
    private func lease(_ path: String) throws -> FileHandle {
        let file = try #require(FileHandle(forReadingAtPath: path))
        // F_SETSIG and F_SETLEASE of <fcntl.h>, which Swift does not see.
        let (setSignal, setLease): (Int32, Int32) = (10, 1024)
        // Each attempt of another is told by a signal: this one does nothing by itself.
        try #require(fcntl(file.fileDescriptor, setSignal, SIGURG) == 0)
        try #require(fcntl(file.fileDescriptor, setLease, F_WRLCK) == 0)
        return file
    }

    @Test("a change that could not be read at first is taken over once it can be")
    func retried() async throws {
        let (steady, key) = (try await newKey(caller: "steady"), try await newKey())
        let deployment = try await deployment()
        let draft = try folder.write(try folder.read("keys.json"), to: "draft.json")
        let revoked = try Program(
            "enrollment-gateway",
            ["keys", "revoke", id(key)],
            environment: ["API_KEYS_PATH": draft]
        )
        #expect(try await revoked.exitCode() == 0)
        let lease = try lease(draft)
        #expect(rename(draft, path) == 0)
        let line = try await deployment.gateway.waitFor("an error") { program in
            program.log.first { $0["message"]?.hasPrefix("The key ring's file cannot be used") == true }
        }
        #expect(line["reason"]?.contains("is held by another program") == true)
        #expect(try await deployment.mint(key: key).status == 201)
        try lease.close()
        _ = try await waitUntil(401, with: key, at: deployment)
        #expect(try await deployment.mint(key: steady).status == 201)
    }

    @Test("the doctor does its work whatever the key ring is like: it needs no caller's key")
    func doctor() async throws {
        _ = try folder.write("{", to: "keys.json")
        let program = try Program("enrollment-gateway", ["doctor", "--sandbox"], environment: ["API_KEYS_PATH": path])
        #expect(try await program.exitCode() == 0)
    }

    @Test("a key that nobody took is not made")
    func lost() async throws {
        _ = try await newKey()
        let before = try folder.read("keys.json")
        let program = Program.folder.appendingPathComponent("enrollment-gateway").path
        let command = "'\(program)' keys new --file '\(path)' --caller x --right token:create --profile '*'"
        // A reader that has gone by then: a signal to whoever writes, unless that is ignored.
        let said = "'\(folder.path)/said'"
        _ = try await run("bash", ["-c", "{ sleep 0.5; \(command) 2>\(said); echo $? >>\(said); } | true"], input: "")
        #expect(try folder.read("said").hasSuffix("Nothing was changed.\n1\n"))
        #expect(try folder.read("keys.json") == before)
        let full = try await run("bash", ["-c", "\(command) 2>&1 >/dev/full"], input: "")
        #expect(full.code == 1)
        #expect(full.output.contains("Nothing was changed"))
        #expect(try folder.read("keys.json") == before)
    }

    @Test(
        "a key in the place of something else is not shown back",
        arguments: [
            ["revoke"], ["rotate"], ["list"], ["new", "--kind"], ["test", "-", "--profile"], ["list", "--file"],
        ]
    )
    func keyInTheWrongPlace(command: [String]) async throws {
        let key = try await newKey()
        let answer = try await keys(command + [key])
        #expect(answer.code != 0)
        #expect(!(answer.output + answer.complaint).contains(key.dropFirst(13).prefix(6)), "\(answer)")
    }

    @Test("while the file is replaced a hundred times a second nobody is answered wrongly")
    func replacedAllTheTime() async throws {
        let steady = try await newKey(caller: "steady")
        let without = try folder.read("keys.json")
        _ = try await newKey(caller: "coming-and-going")
        let both = [without, try folder.read("keys.json")]
        let deployment = try await deployment(["HTTP_MAX_BAD_KEYS": "off"])
        let folder = folder
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<100 {
                    let draft = try folder.write(both[number % 2], to: "draft.json")
                    #expect(rename(draft, folder.path + "/keys.json") == 0)
                    try await Task.sleep(for: .milliseconds(10))
                }
                isOver.set()
            }
            for (key, status) in [(steady, 201), ("egk_wrong", 401)] {
                group.addTask {
                    while !isOver.isSet {
                        let answer = try await deployment.mint(key: key)
                        #expect(answer.status == status)
                    }
                }
            }
            try await group.waitForAll()
        }
        // What it ended with is what the gateway began with, and it need not have looked in between.
        let last = try folder.write(without, to: "draft.json")
        #expect(rename(last, folder.path + "/keys.json") == 0)
        _ = try await deployment.gateway.logLine("Key ring read")
        #expect(!deployment.gateway.log.contains { $0["level"] == "error" })
    }

    @Test("without any key that opens something the gateway does not start, and says why")
    func refusedAtStart() async throws {
        func start() async throws -> (complaint: String, code: Int32) {
            let program = try Program(
                "enrollment-gateway",
                ["serve", "--http-port", "0"],
                environment: ["API_KEYS_PATH": path]
            )
            let code = try await program.exitCode()
            return (program.standardError, code)
        }
        var refusal = try await start()
        #expect(refusal.code == 78)
        #expect(refusal.complaint.contains("API_KEYS_PATH: the key ring cannot be used: there is no file"))
        _ = try folder.write("{\"version\": 1, \"keys\": []}", to: "keys.json")
        refusal = try await start()
        #expect(refusal.code == 78)
        #expect(refusal.complaint.contains("has no keys"))
        let key = try await newKey()
        #expect(try await keys(["revoke", id(key)]).code == 0)
        refusal = try await start()
        #expect(refusal.complaint.contains("revoked or has ended"))
        _ = try folder.write("{\"version\": 1, \"keys\": [{}]}", to: "keys.json")
        refusal = try await start()
        #expect(refusal.complaint.contains("keys[0]: has no \"digest\""))
    }

    @Test("the list shows every key and none of their secrets; test says why not")
    func listAndTest() async throws {
        let key = try await newKey([
            "--profile", Deployment.profile, "--expires", "90d", "--rate", "10/1s", "--comment", "\u{1B}[31mred",
        ])
        let table = try await keys(["list"])
        for part in [
            id(key), "portal-eu", String(key.suffix(4)), "live", "token:create", Deployment.profile, "10/1s", "89",
        ] {
            #expect(table.output.contains(part), "\(part)")
        }
        #expect(!table.output.contains("\u{1B}"))
        let json = try await keys(["list", "--json"])
        #expect(json.output.contains(#""daysLeft":89"#))
        for text in [table.output, json.output, try folder.read("keys.json")] {
            #expect(!text.contains(key.dropFirst(13).dropLast(6)))
        }
        let program = Program.folder.appendingPathComponent("enrollment-gateway").path
        func test(_ more: String, input: String) async throws -> (output: String, code: Int32) {
            try await run("sh", ["-c", "'\(program)' keys test - --file '\(path)' \(more) 2>&1"], input: input)
        }
        let allowed = try await test("--profile \(Deployment.profile) --right token:create", input: key + "\n")
        #expect(allowed.code == 0)
        let denied = try await test("--profile \(Self.other) --right token:create", input: key)
        #expect(denied.code == 1)
        #expect(denied.output.contains("it is not for this profile"))
        #expect(try await test("", input: String(key.dropLast())).output.contains("no whole API key"))
        #expect(
            try await keys(["test", id(key), "--right", "token:revoke"]).output.contains("it does not have this right")
        )
    }

    @Test(
        "what makes no sense is refused with a sentence, and changes nothing",
        arguments: [
            (["--profile", "5"], "GUID"), ([], "--profile"),
            (["--profile", "*", "--expires", "2020-01-01"], "not in the future"),
            (["--profile", "*", "--burst", "5"], "--rate"),
            (["--profile", "*", "--max-validity", "1s"], "--max-validity"),
            (["--profile", "*", "--profile", Deployment.profile], "alone"),
            (["--profile", "*", "--expires", "soon"], "expires"),
            (["--profile", "*", "--right", "token:all"], "token:create"),
        ]
    )
    func nonsense(arguments: [String], words: String) async throws {
        _ = try await newKey()
        let before = try folder.read("keys.json")
        let made = try await keys(["new", "--caller", "x", "--right", "token:create"] + arguments)
        #expect(made.code != 0)
        #expect(made.output.isEmpty)
        #expect(made.complaint.contains(words), "\(made.complaint)")
        #expect(try folder.read("keys.json") == before)
    }

    @Test("no file, no log and no list of processes shows a secret")
    func canary() async throws {
        let key = try await newKey(["--profile", Deployment.profile])
        let deployment = try await deployment(["LOG_LEVEL": "trace"])
        #expect(try await deployment.mint(key: key).status == 201)
        #expect(try await deployment.mint(Self.other, key: key).status == 403)
        #expect(try await deployment.mint(key: key + "x").status == 401)
        #expect(try await keys(["rotate", id(key)]).code == 0)
        kill(deployment.gateway.processID, SIGHUP)
        _ = try await deployment.gateway.logLine("Key ring read")
        let secret = String(key.dropFirst(13).dropLast(6))
        var seen = deployment.gateway.standardOutput + deployment.gateway.standardError
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) { seen += try folder.read(name) }
        for name in ["cmdline", "environ"] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(deployment.gateway.processID)/\(name)"))
            seen += String(decoding: data, as: UTF8.self)
        }
        #expect(seen.contains(id(key)))
        #expect(!seen.contains(secret))
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
