package import PageTexts
package import Pages

/// The try-it page and the reference, for who writes a portal. All is drawn from the contract.
package struct DocsPages: Sendable {
    package static let root = "/docs"
    package static let assetRoot = "/docs/assets"

    /// The pages, each under ``root``; the first one is the root itself.
    package enum Page: String, Sendable, CaseIterable {
        case tryIt = ""
        case reference
        case codes
        case examples
    }

    private let drawn: DrawnPages

    /// - Parameters:
    ///   - contract: openapi.yaml.
    ///   - sandboxKey: the key that everybody may use, where a sandbox is the tenant.
    ///   - expiringInSeconds: a token with less left than this is said to end soon.
    package init(contract: [UInt8], sandboxKey: String?, expiringInSeconds: Int) {
        let given = TryItPage.Given(sandboxKey: sandboxKey, expiringInSeconds: expiringInSeconds)
        drawn = DrawnPages(contract: contract, given: given)
    }

    package static let assets: [PageAsset] = [.style, .icon, .docsStyle, .docsScript] + PageAsset.tryItScripts

    /// Drawn when it is asked for the first time, away from the threads that serve callers, and kept.
    package func answer(_ page: Page, _ language: PageLanguage) async -> PageAnswer {
        await drawn.answer(page, language)
    }
}

extension DocsPages.Page {
    /// The language stays with whoever goes from one page to another.
    func address(_ language: PageLanguage) -> String {
        DocsPages.root + (rawValue.isEmpty ? "" : "/" + rawValue) + "?lang=" + language.rawValue
    }

    var name: Phrase {
        switch self {
        case .tryIt: .tryIt
        case .reference: .reference
        case .codes: .codes
        case .examples: .examples
        }
    }
}

extension PageAsset {
    static let docsStyle = PageAsset("docs", .css, PackageResources.docs_css)
    static let docsScript = PageAsset("docs", .js, PackageResources.docs_js)
    /// In the order in which they need each other.
    static let tryItScripts = [
        PageAsset("calls", .js, PackageResources.calls_js),
        PageAsset("shown", .js, PackageResources.shown_js),
        PageAsset("problems", .js, PackageResources.problems_js),
        PageAsset("profiles", .js, PackageResources.profiles_js),
        PageAsset("wishes", .js, PackageResources.wishes_js),
        PageAsset("try-it", .js, PackageResources.try_it_js),
    ]
}
