import Explanations
import NIOCore
import PageTexts
import Pages
import Testing

@testable import DocsPages

@Suite("The try-it page")
struct TryItPageTests {
    private static let scripts = [
        "docs.js", "calls.js", "shown.js", "problems.js", "profiles.js", "wishes.js", "try-it.js",
    ]

    private func script() throws -> String {
        try Self.scripts.map { try Files.text("Sources/DocsPages/assets/\($0)") }.joined()
    }

    @Test(
        "the scripts have what they look for, and all that is written for them is used",
        arguments: PageLanguage.allCases
    )
    func phrases(language: PageLanguage) async throws {
        let script = try script()
        let page = try await Files.page(.tryIt, language)
        let written = Set(page.elements.compactMap { $0.attributes["data-phrase"] })
        #expect(written.count == TryItPage.scriptPhrases.count)
        for name in written {
            let isComposed = name.hasPrefix("state-") || ["lostHeading", "foreignHeading"].contains(name)
            #expect(isComposed || script.contains("'\(name)'"), "\(name)")
        }
        for match in script.matches(of: /(?:phrase|complain|add)\((?:'[a-z-]+', )?'([A-Za-z-]+)'/)
        where match.1 != "key" {
            let name = String(match.1)
            #expect(written.contains(name) || page.ids.contains(name), "\(name)")
        }
        for match in script.matches(of: /byId\('([a-z-]+)'\)/) {
            let id = String(match.1)
            #expect(page.ids.contains(id) || ["qr", "use-sandbox-key"].contains(id), "\(id)")
        }
    }

    @Test("the scripts have no words of their own, keep nothing, and read nothing as markup")
    func restraint() throws {
        let script = try script()
        for name in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "localStorage",
            "sessionStorage", "indexedDB", "document.cookie", "history.", "location.href", "console.", ".style",
        ] { #expect(!script.contains(name), "\(name)") }
    }

    @Test("every code has its explanation for the script, in the page's language", arguments: PageLanguage.allCases)
    func explanations(language: PageLanguage) async throws {
        let page = try await Files.page(.tryIt, language)
        let template = page.elements.filter { $0.attributes["data-code"] != nil }
        #expect(template.compactMap { $0.attributes["data-code"] } == Explanations.all(of: .gateway).map(\.code))
        for (element, explanation) in zip(template, Explanations.all(of: .gateway)) {
            let step = try #require(Catalogue.text(explanation.step, in: language))
            #expect(element.text.contains(step.replacing("`", with: "")))
        }
    }

    @Test("nothing that is filled in has a name, so that no address can ever hold it")
    func names() async throws {
        let page = try await Files.page(.tryIt)
        let fields = page.all("input") + page.all("select")
        #expect(fields.count == 5 && fields.allSatisfy { $0.attributes["name"] == nil })
        #expect(page.all("form").isEmpty)
        let labels = Set(page.all("label").compactMap { $0.attributes["for"] })
        #expect(fields.allSatisfy { labels.contains($0.attributes["id"] ?? "") })
        #expect(page.element(id: "key")?.attributes["type"] == "password")
        // Browsers pass over "off" at a password.
        #expect(page.element(id: "key")?.attributes["autocomplete"] == "new-password")
    }

    @Test("the bounds of the validity are the contract's, and the kinds too")
    func bounds() async throws {
        let page = try await Files.page(.tryIt)
        #expect(page.element(id: "validity")?.attributes["min"] == "60")
        #expect(page.element(id: "validity")?.attributes["max"] == "7776000")
        #expect(page.element(id: "kind")?.text == "android-for-workdevice-owner")
    }

    @Test("without JavaScript it says so and where else to look; the form stays away")
    func withoutScript() async throws {
        let page = try await Files.page(.tryIt)
        let without = try #require(page.all("noscript").first)
        #expect(without.text.contains("JavaScript") && without.text.contains("Reference"))
        #expect(page.element(id: "try")?.attributes["hidden"] != nil)
    }

    @Test("a sandbox's key is on the page of a sandbox, and on no other")
    func sandbox() async throws {
        let pages = DocsPages(contract: try Files.contractBytes, sandboxKey: "sandbox-key", expiringInSeconds: 600)
        let html = String(buffer: await pages.answer(.tryIt, .english).body)
        #expect(try ReadPage(html).element(id: "sandbox")?.text.contains("sandbox-key") == true)
        #expect(try await Files.page(.tryIt).element(id: "sandbox") == nil)
    }
}
