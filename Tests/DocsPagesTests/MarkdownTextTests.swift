import PageTexts
import Testing

@testable import DocsPages

@Suite("The CommonMark of the contract")
struct MarkdownTextTests {
    @Test("every text of the contract is of constructs that the pages have, in both languages")
    func contract() throws {
        let texts = try Files.contract.texts
        #expect(texts.count > 200)
        for text in texts {
            for language in PageLanguage.allCases {
                let translated = try #require(Catalogue.text(text, in: language), "no \(language): \(text)")
                #expect(throws: Never.self, "\(translated)") { try MarkdownText(translated) }
            }
        }
    }

    @Test("a translation has the constructs of its original")
    func sameConstructs() throws {
        for text in try Files.contract.texts {
            let translated = try MarkdownText(#require(Catalogue.text(text, in: .chinese)))
            #expect(try translated.blocks.map(\.kind) == MarkdownText(text).blocks.map(\.kind), "\(text)")
        }
    }

    @Test("blocks are told apart")
    func blocks() throws {
        let text = """
            One *word* and
            a second **line** with `code_*`.

            ## A heading
            - first
              goes on
            - second
            | a | `b` |
            |---|---|
            | c | d |
            """
        #expect(
            try MarkdownText(text).blocks == [
                .paragraph([
                    .text("One "), .emphasis([.text("word")]), .text(" and\na second "), .strong([.text("line")]),
                    .text(" with "), .code("code_*"), .text("."),
                ]),
                .heading(level: 2, [.text("A heading")]),
                .list([[.text("first\ngoes on")], [.text("second")]]),
                .table(head: [[.text("a")], [.code("b")]], rows: [[[.text("c")], [.text("d")]]]),
            ]
        )
    }

    @Test("emphasis needs no blanks around it")
    func chinese() throws {
        let blocks = try MarkdownText("凭*注册令牌*注册。").blocks
        #expect(blocks == [.paragraph([.text("凭"), .emphasis([.text("注册令牌")]), .text("注册。")])])
    }

    @Test(
        "brackets, underscores and signs that mean nothing are text",
        arguments: ["a [b] c", "TOKEN_MAX", "1 < 2 & 3", "~ 5"]
    )
    func plain(text: String) throws { #expect(try MarkdownText(text).blocks == [.paragraph([.text(text)])]) }

    @Test(
        "what the contract does not use is an error",
        arguments: [
            "[a](b)", "![a](b)", "<b>a</b>", "a &amp; b", "\\*a", "_a_", "~~a~~", "*a", "**a", "`a", "1. a", "> a",
            "    a", "```\na\n```", "a  \nb", "a\n---", "* a", "+ a", "| a |", "| a |\n|:-|", "| a |\n|---|\n| b | c |",
            "#a", "- - a", "a\n===",
        ]
    )
    func unknown(text: String) { #expect(throws: MarkdownText.Unknown.self) { try MarkdownText(text) } }
}

extension MarkdownText.Block {
    /// Which block it is, and of how many parts.
    fileprivate var kind: [Int] {
        switch self {
        case .heading(let level, _): [0, level]
        case .paragraph: [1]
        case .list(let items): [2, items.count]
        case .table(let head, let rows): [3, head.count, rows.count]
        }
    }
}
