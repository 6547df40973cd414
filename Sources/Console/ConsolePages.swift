package import Activity
package import KeyRing
package import PageTexts
package import Pages
import Transport

/// The operator's console: is the gateway well, and if not, who must act? It shows and changes nothing.
package struct ConsolePages: Sendable {
    /// Where its assets are.
    package static let assetRoot = "/assets"

    /// What a person has asked for.
    package struct View: Sendable, Hashable {
        package var language: PageLanguage
        /// Of the key ring's table, from 1.
        package var page: Int
        /// Whether it reads itself anew.
        package var isRefreshing: Bool

        package init(language: PageLanguage, page: Int = 1, isRefreshing: Bool = true) {
            self.language = language
            self.page = page
            self.isRefreshing = isRefreshing
        }

        /// The same in another language.
        func speaking(_ language: PageLanguage) -> View {
            var other = self
            other.language = language
            return other
        }
    }

    private let read: @Sendable () async -> ConsoleReading
    private let request: @Sendable (RequestName) -> RequestSummary?

    /// - Parameters:
    ///   - read: all there is to show.
    ///   - request: one of the last requests by its name.
    package init(
        read: @escaping @Sendable () async -> ConsoleReading,
        request: @escaping @Sendable (RequestName) -> RequestSummary?
    ) {
        self.read = read
        self.request = request
    }

    /// The assets that its pages name.
    package static let assets: [PageAsset] = [.style, .icon, .consoleStyle, .consoleScript]

    /// How many pages the key ring's table has.
    package static func keyPages(of ring: KeyRingFacts) -> Int { KeyRows.pages(of: ring) }

    /// `/`
    package func overview(_ view: View) async -> PageAnswer {
        PageAnswer(language: view.language, html: OverviewPage(await read(), view).html)
    }

    /// `/requests/{name}`; 404 where it is none of the last ones.
    package func request(_ name: RequestName?, _ view: View) async -> PageAnswer {
        guard let name, let request = request(name) else {
            return PageAnswer(status: 404, language: view.language, html: GonePage(view: view).html)
        }
        let page = RequestPage(name: name, request: request, view: view, now: .now)
        return PageAnswer(language: view.language, html: page.html)
    }
}

extension PageAsset {
    static let consoleStyle = PageAsset("console", .css, PackageResources.console_css)
    static let consoleScript = PageAsset("console", .js, PackageResources.console_js)
}
