import PageTexts
import Testing

@testable import Console

struct TableTests {
    @Test("each table has the name of its heading, in a box that is no landmark", arguments: PageLanguage.allCases)
    func names(_ language: PageLanguage) throws {
        let view = ConsolePages.View(language: language)
        let pages = [
            OverviewPage(PreviewTests.busy, view).html,
            RequestPage(name: .sample(1), request: PreviewTests.lostAnswer, view: view, now: noon).html,
        ]
        for (html, count) in zip(pages, [5, 1]) {
            let page = try Markup(html: html)
            let tables = page.all("table")
            #expect(tables.count == count)
            for table in tables {
                let id = try #require(table.attributes["aria-labelledby"])
                let heading = try #require(page[id: id])
                #expect(["h2", "h3"].contains(heading.name) && !heading.text.isEmpty)
                let box = try #require(table.parent)
                #expect(box.attributes["role"] == "group")
                #expect(box.attributes["aria-label"]?.contains(heading.text) == true)
                #expect(box.attributes["tabindex"] == "0")
            }
            #expect(!page.all.contains { $0.attributes["role"] == "region" })
        }
    }
}
