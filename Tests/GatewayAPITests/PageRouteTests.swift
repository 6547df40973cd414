import Activity
import Console
import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import Transport

@testable import DocsPages
@testable import GatewayAPI
@testable import PageTexts
@testable import Pages

@Suite("Pages for people", .timeLimit(.minutes(5)))
struct PageRouteTests {
    @Test("the try-it page is there where DOCS says so, without an API key")
    func docs() async throws {
        let gateway = Gateway(settings: ["DOCS": "on"])
        for path in ["/docs", "/docs/reference", "/docs/codes", "/docs/examples"] {
            let page = try await gateway.send(.get, path, key: nil)
            #expect(page.status == 200)
            #expect(page["Content-Type"] == "text/html; charset=utf-8")
            #expect(page["Content-Language"] == "en")
            #expect(page["Vary"] == "Accept-Language")
            #expect(page["Cache-Control"] == "no-store")
            #expect(page["Content-Security-Policy"] == PageFields.contentSecurityPolicy)
            #expect(page["X-Content-Type-Options"] == "nosniff")
            #expect(page["X-Request-ID"] != nil)
        }
    }

    @Test(
        "and is nothing anywhere else",
        arguments: ["/docs", "/docs/reference"] + DocsPages.assets.map { DocsPages.assetRoot + "/" + $0.fileName }
    )
    func noDocs(path: String) async throws {
        try expect(try await Gateway().send(.get, path, key: nil), is: .init(.notFound, outcome: nil))
        #expect(try await Gateway(settings: ["DOCS": "off"]).send(.get, path, key: nil).status == 404)
    }

    @Test(
        "a page or an asset that there is not is 404",
        arguments: [
            "//docs", "/docs//", "/docs/other", "/docs/other/", "/docs/reference/x", "/docs/reference//",
            "/docs/assets", "/docs/assets/", "/docs/assets/page.css",
        ]
    )
    func unknown(path: String) async throws {
        try expect(try await Gateway(settings: ["DOCS": "on"]).send(.get, path), is: .init(.notFound, outcome: nil))
    }

    @Test(
        "a last slash leads to the page without it, in the language that was chosen",
        arguments: [
            ("/docs/", "/docs"), ("/docs/reference/", "/docs/reference"), ("/docs/codes/", "/docs/codes"),
            ("/docs/examples/?lang=zh-Hans", "/docs/examples?lang=zh-Hans"),
            ("/docs/?lang=en&x=%0A", "/docs?lang=en&x=%0A"),
        ]
    )
    func lastSlash(path: String, page: String) async throws {
        let gateway = Gateway(settings: ["DOCS": "on"])
        let answer = try await gateway.send(.get, path, key: nil)
        #expect(answer.status == 308)
        #expect(answer["Location"] == page)
        #expect(answer["Cache-Control"] == "no-store")
        #expect(try await gateway.send(.get, page, key: nil).status == 200)
        #expect(try await gateway.send(.post, path, key: nil)["Allow"] == "GET")
        try expect(try await Gateway().send(.get, path, key: nil), is: .init(.notFound, outcome: nil))
    }

    @Test("an asset may be kept for ever, since its name has its content's hash", arguments: DocsPages.assets)
    func assets(asset: PageAsset) async throws {
        let answer = try await Gateway(settings: ["DOCS": "on"])
            .send(.get, DocsPages.assetRoot + "/" + asset.fileName, key: nil)
        #expect(answer.status == 200)
        #expect(answer["Cache-Control"] == "public, max-age=31536000, immutable")
        #expect(answer["Content-Type"] == asset.mediaType)
        #expect(answer.bytes == Array(asset.bytes.readableBytesView))
    }

    @Test("are drawn away from the loops that serve callers, whoever asks first")
    func offLoop() async {
        let reads = Mutex<[Bool]>([])
        let pages = DrawnPages(contract: Array("paths: {}".utf8), given: .init(expiringInSeconds: 600)) { document in
            reads.withLock { $0.append(MultiThreadedEventLoopGroup.currentEventLoop == nil) }
            return try? Contract(document)
        }
        let executor = LoopExecutor(loop: MultiThreadedEventLoopGroup.singleton.next())
        await withTaskExecutorPreference(executor) {
            for page in DocsPages.Page.allCases { _ = await pages.answer(page, .english) }
        }
        #expect(reads.withLock { $0 } == [true])
    }

    @Test("the try-it page says when the operator's tokens end soon")
    func expiring() async throws {
        let gateway = Gateway(settings: ["DOCS": "on", "TOKEN_EXPIRING_SECONDS": "42"])
        #expect(try await gateway.send(.get, "/docs", key: nil).body.contains(#"data-expiring-seconds="42""#))
    }

    @Test("the language is the browser's, or the one that was chosen")
    func language() async throws {
        let gateway = Gateway(settings: ["DOCS": "on"])
        let chinese = try await gateway.send(.get, "/docs", key: nil, [("Accept-Language", "zh-CN,en;q=0.5")])
        #expect(chinese["Content-Language"] == "zh-Hans")
        let chosen = try await gateway.send(.get, "/docs?lang=en&x=y", key: nil, [("Accept-Language", "zh-CN")])
        #expect(chosen["Content-Language"] == "en")
    }
}

@Suite("The console's address", .timeLimit(.minutes(5)))
struct ConsoleRouteTests {
    private func gateway(_ settings: [String: String] = [:]) -> Gateway {
        Gateway(settings: settings.merging(["MANAGEMENT_PORT": "0"]) { $1 }, console: { .sample })
    }

    @Test("is served on a loopback address, by that name alone")
    func hosts() async throws {
        try await gateway().withManagement { port in
            let names = [
                ("localhost", 200), ("localhost:9090", 200), ("127.0.0.1:\(port)", 200), ("[::1]:1", 200),
                ("LOCALHOST", 200),
                ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example", 421),
                ("10.0.0.1", 421),
                ("[::2]", 421), ("", 421), ("localhost:9090:1", 421), ("localhost:x", 421), ("0.0.0.0", 421),
            ]
            for path in ["/", "/requests/1", "/assets/" + ConsolePages.assets[0].fileName] {
                for (name, status) in names {
                    try await Wire.connect(port) { wire in
                        try await wire.send("GET \(path) HTTP/1.1\r\nHost: \(name)\r\n\r\n")
                        let answer = try #require(try await wire.answer())
                        let wanted = status == 200 && path == "/requests/1" ? 404 : status
                        #expect(answer.status == wanted, "\(path) of \(name)")
                        #expect(status == 200 || !answer.body.contains("<html"), "\(name)")
                    }
                }
            }
        }
    }

    @Test("a page of another site does not get it, and who follows a link from there does")
    func otherSites() async throws {
        let link = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
        let frame = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]
        let image = [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")]
        let rows: [(site: String, fields: [(String, String)], status: Int)] = [
            ("none", link, 200), ("same-origin", [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")], 200),
            ("cross-site", link, 200), ("same-site", link, 200),
            ("cross-site", frame, 421), ("cross-site", image, 421), ("same-site", image, 421), ("cross-site", [], 421),
        ]
        try await gateway().withManagement { port in
            for path in ["/", "/requests/1", "/assets/" + ConsolePages.assets[0].fileName] {
                for row in rows {
                    try await Wire.connect(port) { wire in
                        let fields = [("Sec-Fetch-Site", row.site)] + row.fields
                        let lines = fields.map { "\($0.0): \($0.1)\r\n" }.joined()
                        try await wire.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n")
                        let answer = try #require(try await wire.answer())
                        let wanted = row.status == 200 && path == "/requests/1" ? 404 : row.status
                        #expect(answer.status == wanted, "\(path) \(fields)")
                    }
                }
            }
        }
    }

    @Test("a page of the key ring that there is not is the nearest, and drawn once")
    func nearestPage() async throws {
        let draws = Mutex(0)
        let settings = ["MANAGEMENT_PORT": "0"]
        let reading: @Sendable () -> ConsoleReading = {
            draws.withLock { $0 += 1 }
            return .sample
        }
        try await Gateway(settings: settings, console: reading, clock: ManualClock()).withManagement { port in
            for page in ["1", "0", "-7", "2", "99999", "x", "9223372036854775808"] {
                try await Wire.connect(port) { wire in
                    try await wire.send("GET /?page=\(page) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(try await wire.answer()?.status == 200)
                }
            }
        }
        #expect(draws.withLock { $0 } == 1)
    }

    @Test("is not served where more than this machine may come", arguments: ["0.0.0.0", "::", "10.1.2.3", "gateway"])
    func elsewhere(host: String) async throws {
        let answer = try await gateway(["MANAGEMENT_HOST": host]).manage("/")
        try expect(answer, is: .init(.notFound, outcome: nil))
        #expect(
            try await gateway(["MANAGEMENT_HOST": host]).manage("/assets/" + ConsolePages.assets[0].fileName).status
                == 404
        )
        #expect(try await gateway(["MANAGEMENT_HOST": host]).manage("/livez").status == 200)
    }

    @Test("is served on each form of a loopback address", arguments: ["127.0.0.1", "::1", "localhost", "127.8.9.10"])
    func loopback(host: String) async throws {
        #expect(try await gateway(["MANAGEMENT_HOST": host]).manage("/").status == 200)
    }

    @Test("a request's page leads back to the console as it was")
    func wayBack() async throws {
        let gateway = gateway()
        _ = try await gateway.send()
        let start = try #require(gateway.applications.history).reading().start
        for number in [1, 99] {
            let page = try await gateway.manage("/requests/\(start)-\(number)?lang=en&refresh=off")
            #expect(page.status == (number == 1 ? 200 : 404))
            #expect(page.body.contains(#"href="/?lang=en&amp;refresh=off""#), "\(page.body)")
        }
    }

    @Test("changes nothing", arguments: [HTTPRequest.Method.post, .put, .delete, .patch])
    func changesNothing(method: HTTPRequest.Method) async throws {
        try expect(try await gateway().manage(method, "/"), is: .init(.methodNotAllowed, outcome: nil))
    }
}

@Suite("Pages that are drawn once for all", .timeLimit(.minutes(5)))
struct RenderedPagesTests {
    @Test("who asks within a second gets what was drawn, and who comes later a new one")
    func once() async {
        let clock = ManualClock()
        let draws = Atomic(0)
        let pages = RenderedPages<Int>(clock: clock) { view in
            let draw = draws.add(1, ordering: .relaxed).newValue
            return PageAnswer(language: .english, html: "\(view) \(draw)")
        }
        #expect(String(buffer: await pages.page(1).body) == "1 1")
        #expect(String(buffer: await pages.page(1).body) == "1 1")
        #expect(String(buffer: await pages.page(2).body) == "2 2")
        clock.advance(by: .milliseconds(999))
        #expect(String(buffer: await pages.page(1).body) == "1 1")
        clock.advance(by: .milliseconds(1))
        #expect(String(buffer: await pages.page(1).body) == "1 3")
    }

    @Test("a hundred at once cost one")
    func many() async {
        let draws = Atomic(0)
        let pages = RenderedPages<Int>(clock: ManualClock()) { _ in
            draws.add(1, ordering: .relaxed)
            return PageAnswer(language: .english, html: "")
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { _ = await pages.page(1) } }
        }
        #expect(draws.load(ordering: .relaxed) == 1)
    }

    @Test("views are drawn one after another, and those who want the same one share it")
    func oneAtATime() async {
        let drawing = Atomic(0)
        let most = Atomic(0)
        let draws = Atomic(0)
        let release = Event()
        let pages = RenderedPages<Int>(clock: ManualClock()) { view in
            most.max(drawing.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            draws.add(1, ordering: .relaxed)
            await release.wait()
            drawing.subtract(1, ordering: .relaxed)
            return PageAnswer(language: .english, html: "\(view)")
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    #expect(String(buffer: await pages.page(number % 40).body) == "\(number % 40)")
                }
            }
            while await pages.awaited < 40, !Task.isCancelled { await Task.yield() }
            #expect(draws.load(ordering: .relaxed) <= 1)
            release.happen()
        }
        #expect(most.load(ordering: .relaxed) == 1)
        #expect(await pages.awaited == 0)
    }

    @Test("no loop draws, whoever asks")
    func offLoop() async {
        let pages = RenderedPages<Int>(clock: ManualClock()) { _ in
            PageAnswer(language: .english, html: "\(MultiThreadedEventLoopGroup.currentEventLoop == nil)")
        }
        let executor = LoopExecutor(loop: MultiThreadedEventLoopGroup.singleton.next())
        await withTaskExecutorPreference(executor) {
            for view in 0..<20 { #expect(String(buffer: await pages.page(view).body) == "true") }
        }
    }

    @Test("views without end are drawn and not kept")
    func bounded() async {
        let pages = RenderedPages<Int>(clock: ManualClock()) { PageAnswer(language: .english, html: "\($0)") }
        for view in 0..<1000 { #expect(String(buffer: await pages.page(view).body) == "\(view)") }
        #expect(await pages.kept == RenderedPages<Int>.most)
    }
}
