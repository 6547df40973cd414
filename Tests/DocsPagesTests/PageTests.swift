import NIOCore
import PageTexts
import Pages
import Testing

@testable import DocsPages

@Suite("What all pages for callers have")
struct PageTests {
    @Test("they are well-formed, and run and load nothing that is not a file of the gateway", arguments: View.all)
    func wellFormed(view: View) async throws {
        let page = try await Files.page(view.page, view.language)
        let assets = Set(DocsPages.assets.map { DocsPages.assetRoot + "/" + $0.fileName })
        for element in page.elements {
            #expect(element.attributes["style"] == nil && element.name != "style")
            #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
            if let source = element.attributes["src"] { #expect(assets.contains(source)) }
            if element.name == "link" { #expect(assets.contains(element.attributes["href"] ?? "")) }
            if element.name == "script" { #expect(element.text.isEmpty && element.attributes["src"] != nil) }
        }
        #expect(page.all("html").first?.attributes["lang"] == view.language.rawValue)
        #expect(page.all("h1").count == 1)
    }

    @Test("ids are unique, and every link leads somewhere", arguments: View.all)
    func links(view: View) async throws {
        let page = try await Files.page(view.page, view.language)
        #expect(Set(page.ids).count == page.ids.count)
        for link in page.all("a").compactMap({ $0.attributes["href"] }) where link != "/openapi.yaml" {
            let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
            var target = page
            if !parts[0].isEmpty {
                let all = DocsPages.Page.allCases.flatMap { page in
                    PageLanguage.allCases.map { (page.address($0), View(page: page, language: $0)) }
                }
                let other = try #require(all.first { $0.0 == parts[0] }, "\(link)").1
                target = try await Files.page(other.page, other.language)
            }
            if parts.count > 1 { #expect(target.ids.contains(parts[1]), "\(link)") }
        }
    }

    @Test("what an element names as its label or its description is there", arguments: View.all)
    func references(view: View) async throws {
        let page = try await Files.page(view.page, view.language)
        for element in page.elements {
            for name in ["aria-labelledby", "aria-describedby", "for", "data-copies"] {
                for id in element.attributes[name]?.split(separator: " ") ?? [] {
                    #expect(page.ids.contains(String(id)))
                }
            }
        }
    }

    @Test(
        "what scrolls, tables and copy buttons have names, and no two buttons of a page the same",
        arguments: View.all
    )
    func names(view: View) async throws {
        let page = try await Files.page(view.page, view.language)
        for box in page.all("div") where box.attributes["tabindex"] == "0" {
            #expect(box.attributes["role"] == "region" && box.attributes["aria-label"]?.isEmpty == false)
        }
        #expect(page.all("table").allSatisfy { $0.attributes["aria-label"]?.isEmpty == false })
        let copying = page.all("button").filter { $0.attributes["data-copies"] != nil }
        let names = copying.compactMap { $0.attributes["aria-label"] }
        #expect(names.count == copying.count && Set(names).count == names.count)
    }

    @Test("every item of a list has something in it before another list", arguments: View.all)
    func items(view: View) async throws {
        #expect(try await !Files.html(view.page, view.language).contains("<li><ul>"))
    }

    @Test("no blank follows a colon that is as wide as a letter", arguments: DocsPages.Page.allCases)
    func colons(page: DocsPages.Page) async throws {
        #expect(try await !Files.html(page, .chinese).contains("： "))
    }

    @Test("JSON is said to be English where the page is not", arguments: DocsPages.Page.allCases)
    func json(page: DocsPages.Page) async throws {
        for block in try await Files.page(page, .chinese).all("pre") where block.text.hasPrefix("{") {
            #expect(block.attributes["lang"] == "en")
        }
    }

    @Test("nothing is without its translation")
    func translated() async throws {
        for page in DocsPages.Page.allCases {
            let html = try await Files.html(page, .chinese)
            #expect(!html.contains("<span lang=\"en\">") && !html.contains("<div lang=\"en\">"))
        }
    }

    @Test("what has no translation is shown in English and says so")
    func untranslated() async throws {
        let contract = "info: {summary: Never seen, description: Never *heard*}"
        let pages = DocsPages(contract: Array(contract.utf8), sandboxKey: nil, expiringInSeconds: 600)
        let html = String(buffer: await pages.answer(.reference, .chinese).body)
        #expect(html.contains("<span lang=\"en\">Never seen</span>"))
        #expect(html.contains("<div lang=\"en\"><p>Never <em>heard</em></p></div>"))
    }

    @Test("they are not large", arguments: View.all)
    func size(view: View) async throws {
        let size = try await Files.html(view.page, view.language).utf8.count
        #expect(size < (view.page == .reference ? 250_000 : 120_000), "\(size) bytes")
    }

    @Test("what the contract holds is text, whatever it looks like")
    func escaping() async throws {
        let contract = """
            info: {summary: "<script>alert(1)</script>", description: "a < b \\"c\\" `<img>`"}
            paths:
              /<b>:
                get: {operationId: "\\"><i>", summary: <u>, responses: {'200': {description: "'<s>'"}}}
            """
        let pages = DocsPages(contract: Array(contract.utf8), sandboxKey: "\"><script>", expiringInSeconds: 600)
        for page in DocsPages.Page.allCases {
            let read = try ReadPage(String(buffer: await pages.answer(page, .english).body))
            let names = Set(read.elements.map(\.name))
            #expect(names.isDisjoint(with: ["img", "i", "u", "s", "b"]))
            #expect(read.all("script").allSatisfy { $0.attributes["src"] != nil })
        }
    }

    @Test("a page is drawn once and then kept")
    func kept() async throws {
        let pages = DocsPages(contract: try Files.contractBytes, sandboxKey: nil, expiringInSeconds: 600)
        let first = await pages.answer(.codes, .english).body
        let second = await pages.answer(.codes, .english).body
        first.withUnsafeReadableBytes { one in
            second.withUnsafeReadableBytes { #expect(one.baseAddress == $0.baseAddress) }
        }
    }
}
