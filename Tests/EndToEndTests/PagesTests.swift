import Foundation
import TestSupport
import Testing

/// The pages for people, driven in a browser as people do. `scripts/deps --tests` and `scripts/page-tools` install what drives them.
@Suite("The pages in a browser", .serialized, .timeLimit(.minutes(20)))
struct PagesTests {
    /// Runs one of the checks; what it wrote is the failure.
    private func check(_ name: String) async throws {
        let command = ComposeFile.root.appending(path: "Tests/Pages/run").path
        let arguments = ["-c", "exec \"$@\" 2>&1", "sh", command, name, Program.folder.path]
        let (output, code) = try await run("sh", arguments)
        #expect(code == 0, "\(output)")
    }

    @Test(
        "one mints on the try-it page, scans the QR code off the screen, copies the value and revokes; then nothing is left"
    )
    func tryIt() async throws {
        try await check("try-it")
    }

    @Test("the keyboard alone suffices for that, and one sees where one is")
    func keyboard() async throws {
        try await check("keyboard")
    }

    @Test("whatever goes wrong, the try-it page explains it, and one wish makes one enrollment token at most")
    func problems() async throws {
        try await check("problems")
    }

    @Test("the console says who must act, shows keys that end and what came of requests, and keeps itself up to date")
    func console() async throws {
        try await check("console")
    }

    @Test("hostile names are shown as text, and no page gets wider than a phone")
    func names() async throws {
        try await check("names")
    }

    @Test("without JavaScript the console tells the truth, and the reference reads well")
    func withoutScript() async throws {
        try await check("no-script")
    }

    @Test(
        "each page asks nobody else, keeps nothing, and can be read: in both languages, light and dark, wide and on a phone"
    )
    func everyPage() async throws {
        try await check("every-page")
    }

    @Test("under another host's name the console shows nothing")
    func host() async throws {
        try await check("host")
    }
}
