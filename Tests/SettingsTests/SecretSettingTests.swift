import Foundation
import Settings
import Testing

@Suite("Secrets among the settings")
struct SecretSettingTests {
    @Test("a secret comes from its variable")
    func variable() throws {
        let settings = SettingsReader(environment: ["API_KEY": "inline-secret"])
        #expect(settings.secret("API_KEY")?.reveal { $0 } == "inline-secret")
        try settings.finish()
    }

    @Test(
        "a secret comes from its file, without the line break at its end and with everything else",
        arguments: [
            ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a"), ("a", "a"), (" a b ", " a b "), ("a\nb\n", "a\nb"),
            ("ü", "ü"),
        ]
    )
    func file(contents: String, expected: String) throws {
        try withFile(Data(contents.utf8)) { path in
            let settings = SettingsReader(environment: ["API_KEY_FILE": path])
            #expect(settings.isGiven("API_KEY"))
            #expect(settings.secret("API_KEY")?.reveal { $0 } == expected)
            try settings.finish()
        }
    }

    @Test(
        "a pipe in the place of the file holds nobody up: what is in it is taken, and one without an end is told",
        .timeLimit(.minutes(5))
    )
    func pipe() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)").path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // Nobody writes.
        let nobody = SettingsReader(environment: ["API_KEY_FILE": path])
        #expect(nobody.secret("API_KEY") == nil)
        #expect(nobody.problems.count == 1)

        let writer = open(path, O_RDWR | O_NONBLOCK)
        defer { close(writer) }
        #expect(write(writer, "from-pipe", 9) == 9)
        // It is not closed, so that there is no end to what is read.
        let endless = SettingsReader(environment: ["API_KEY_FILE": path])
        #expect(endless.secret("API_KEY") == nil)
        #expect(endless.problems.count == 1)
    }

    @Test("the file's name may be a flag, since it is no secret")
    func fileFlag() throws {
        try withFile(Data("from-file".utf8)) { path in
            let settings = SettingsReader(arguments: ["--api-key-file", path], environment: [:])
            #expect(settings.secret("API_KEY")?.reveal { $0 } == "from-file")
            try settings.finish()
        }
    }

    @Test("a secret and its file together are a problem")
    func both() throws {
        try withFile(Data("from-file".utf8)) { path in
            let settings = SettingsReader(environment: ["API_KEY": "inline-secret", "API_KEY_FILE": path])
            #expect(settings.secret("API_KEY") == nil)
            #expect(settings.problems.map(\.name) == ["API_KEY"])
            #expect(!settings.problems.description.contains("inline-secret"))
        }
    }

    @Test(
        "a secret as a flag is refused and not shown",
        arguments: [["--api-key", "canary-2"], ["--api-key=canary-2"]]
    )
    func flag(arguments: [String]) throws {
        let settings = SettingsReader(arguments: arguments, environment: ["API_KEY": "inline-secret"])
        #expect(settings.secret("API_KEY") == nil)
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["API_KEY"])
        #expect(!error.description.contains("canary-2"))
    }

    @Test(
        "a file that holds no usable secret is a problem",
        arguments: [
            Data(), Data("\n\r\n".utf8), Data([0xFF, 0xFE]),
            Data(repeating: 0x61, count: SecretFile.largest + 1),
        ]
    )
    func badFile(contents: Data) throws {
        try withFile(contents) { path in
            let settings = SettingsReader(environment: ["API_KEY_FILE": path])
            #expect(settings.secret("API_KEY") == nil)
            #expect(settings.problems.map(\.name) == ["API_KEY_FILE"])
        }
    }

    @Test("a file of exactly the largest size is taken")
    func largestFile() throws {
        try withFile(Data(repeating: 0x61, count: SecretFile.largest)) { path in
            let settings = SettingsReader(environment: ["API_KEY_FILE": path])
            #expect(settings.secret("API_KEY")?.byteCount == SecretFile.largest)
        }
    }

    @Test("a file that cannot be read is a problem", arguments: ["/nowhere/at/all", "/"])
    func unreadable(path: String) {
        let settings = SettingsReader(environment: ["API_KEY_FILE": path])
        #expect(settings.secret("API_KEY") == nil)
        #expect(settings.problems.map(\.name) == ["API_KEY_FILE"])
    }

    @Test("which variable wants which file is told, and what is wrong with it")
    func complaint() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let missing = SettingsReader(environment: ["API_KEY_FILE": folder + "/no-such-file"])
        #expect(missing.secret("API_KEY") == nil)
        #expect(
            missing.problems.map(\.description) == [
                """
                API_KEY_FILE: there is no file "\(folder)/no-such-file", or this user may not look for it. Put the secret \
                API_KEY into that file, or give another one.
                """
            ]
        )
        let directory = SettingsReader(environment: ["API_KEY_FILE": folder])
        #expect(directory.secret("API_KEY") == nil)
        #expect(directory.problems.first?.reason.hasPrefix("the file \"\(folder)\" is a folder") == true)
    }

    @Test(
        "a secret that was put where its file's name belongs is not shown",
        arguments: ["canary~3.x/y", "/canary~3.x/y", "canary~3", "/canary~3"]
    )
    func secretAsFileName(text: String) throws {
        let settings = SettingsReader(environment: ["API_KEY_FILE": text])
        #expect(settings.secret("API_KEY") == nil)
        #expect(settings.problems.map(\.name) == ["API_KEY_FILE"])
        #expect(!settings.problems.description.contains("canary~3"))
    }

    private func withFile(_ contents: Data, _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try contents.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path(percentEncoded: false))
    }
}
