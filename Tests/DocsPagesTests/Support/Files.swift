import Foundation
import NIOCore
import PageTexts
import Pages
import Testing

@testable import DocsPages

/// The project's own files, and the pages that are drawn from them.
enum Files {
    static let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static var contractBytes: [UInt8] { get throws { Array(try text("openapi.yaml").utf8) } }

    static var contract: Contract { get throws { try Contract(contractBytes) } }

    static func html(_ page: DocsPages.Page, _ language: PageLanguage) async throws -> String {
        String(buffer: try await drawn.get().answer(page, language).body)
    }

    static func page(_ page: DocsPages.Page, _ language: PageLanguage = .english) async throws -> ReadPage {
        try await read.page(View(page: page, language: language))
    }

    private static let drawn = Result {
        DocsPages(contract: try contractBytes, sandboxKey: nil, expiringInSeconds: 600)
    }
    private static let read = ReadPages()
}

/// Each page is read once for all tests.
private actor ReadPages {
    private var pages: [View: Task<ReadPage, any Error>] = [:]

    func page(_ view: View) async throws -> ReadPage {
        let page = pages[view] ?? Task { try ReadPage(await Files.html(view.page, view.language)) }
        pages[view] = page
        return try await page.value
    }
}

extension Contract {
    /// Every title, summary and description of the document, but not of the documents in its examples.
    var texts: [String] { Self.texts(of: root) }

    private static func texts(of value: ContractValue, areProperties: Bool = false) -> [String] {
        value.elements.flatMap { texts(of: $0) }
            + value.members.flatMap { member in
                if areProperties { return texts(of: member.value) }
                if ["example", "value"].contains(member.name) { return [] }
                let own = ["title", "summary", "description"].contains(member.name) ? member.value.text : nil
                return [own].compactMap(\.self) + texts(of: member.value, areProperties: member.name == "properties")
            }
    }
}

struct View: CustomTestStringConvertible, Hashable {
    var page: DocsPages.Page
    var language: PageLanguage

    var testDescription: String { "/\(page.rawValue) \(language.rawValue)" }

    static let all = DocsPages.Page.allCases.flatMap { page in
        PageLanguage.allCases.map { View(page: page, language: $0) }
    }
}
