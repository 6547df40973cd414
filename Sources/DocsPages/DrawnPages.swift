import PageTexts
import Pages

/// Draws each page once in each language.
///
/// Who asks first comes on a loop that serves callers, since a request's task stays there, also within an actor. A task of its own
/// does not.
actor DrawnPages {
    private struct View: Hashable {
        var page: DocsPages.Page
        var language: PageLanguage
    }

    private let document: [UInt8]
    private let given: TryItPage.Given
    private let read: @Sendable ([UInt8]) -> Contract?
    private var contract: Task<Contract?, Never>?
    private var drawn: [View: Task<PageAnswer, Never>] = [:]

    init(
        contract: [UInt8],
        given: TryItPage.Given,
        read: @escaping @Sendable ([UInt8]) -> Contract? = { try? Contract($0) }
    ) {
        document = contract
        self.given = given
        self.read = read
    }

    func answer(_ page: DocsPages.Page, _ language: PageLanguage) async -> PageAnswer {
        let view = View(page: page, language: language)
        if let answer = drawn[view] { return await answer.value }
        let contract = contract ?? Task { [read, document] in read(document) }
        self.contract = contract
        let answer = Task { [given] in
            PageAnswer(language: language, html: Self.draw(page, language, of: await contract.value, given))
        }
        drawn[view] = answer
        return await answer.value
    }

    private static func draw(
        _ page: DocsPages.Page,
        _ language: PageLanguage,
        of contract: Contract?,
        _ given: TryItPage.Given
    ) -> String {
        guard let contract else { return "" }
        let text = PageText(language: language, codes: Set(contract.codes))
        var frame = PageDocument(
            language: language,
            title: "\(page.name[language]) – \(Phrase.product[language])",
            assetRoot: DocsPages.assetRoot,
            address: page.address
        )
        frame.styles = [.docsStyle]
        frame.scripts = [.docsScript] + (page == .tryIt ? PageAsset.tryItScripts : [])
        frame.navigation = DocsPages.Page.allCases.map { other in
            (name: other.name[language], address: other == page ? nil : other.address(language))
        }
        return frame.html { main in
            switch page {
            case .tryIt: TryItPage(contract: contract, text: text, given: given).write(to: &main)
            case .reference: ReferencePage(contract: contract, text: text).write(to: &main)
            case .codes: CodesPage(contract: contract, text: text).write(to: &main)
            case .examples: ExamplesPage(text: text).write(to: &main)
            }
        }
    }
}
