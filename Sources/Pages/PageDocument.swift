package import PageTexts

/// What is around the content of each page.
package struct PageDocument: Sendable {
    package var language: PageLanguage
    package var title: String
    /// Under which the assets are: `/assets`.
    package var assetRoot: String
    package var styles: [PageAsset] = []
    package var scripts: [PageAsset] = []
    /// Without JavaScript the page is read anew after so many seconds.
    package var refreshSeconds: Int?
    /// The page's own address in each language, for the links that switch.
    package var address: @Sendable (PageLanguage) -> String
    /// At the top of the page: addresses and names of its neighbours; `nil` for the page itself.
    package var navigation: [(name: String, address: String?)] = []

    package init(
        language: PageLanguage,
        title: String,
        assetRoot: String,
        address: @escaping @Sendable (PageLanguage) -> String
    ) {
        self.language = language
        self.title = title
        self.assetRoot = assetRoot
        self.address = address
    }

    /// - Parameter main: writes what is inside of `main`.
    package func html(_ main: (inout HTMLWriter) -> Void) -> String {
        var writer = HTMLWriter()
        writer.element("html", ["lang": language.rawValue]) { html in
            html.element("head") { head(&$0) }
            html.element("body") { body in
                body.element("a", ["class": "skip", "href": "#main"], Phrase.skipToContent[language])
                body.element("header", ["class": "page-header"]) { header(&$0) }
                body.element("main", ["id": "main", "tabindex": "-1"], main)
            }
        }
        return "<!DOCTYPE html>\n" + writer.html
    }

    private func head(_ head: inout HTMLWriter) {
        head.void("meta", ["charset": "utf-8"])
        head.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head.void("meta", ["name": "color-scheme", "content": "light dark"])
        head.element("title", title)
        head.void("link", ["rel": "icon", "type": "image/svg+xml", "href": path(of: .icon)])
        for style in [.style] + styles { head.void("link", ["rel": "stylesheet", "href": path(of: style)]) }
        for script in scripts { head.element("script", ["src": path(of: script), "defer": ""], "") }
        if let refreshSeconds {
            head.element("noscript") {
                $0.void("meta", ["http-equiv": "refresh", "content": String(refreshSeconds)])
            }
        }
    }

    private func header(_ header: inout HTMLWriter) {
        header.element("p", ["class": "brand"], Phrase.product[language])
        if !navigation.isEmpty {
            header.element("nav", ["aria-label": Phrase.pages[language]]) { nav in
                nav.element("ul") { list in
                    for entry in navigation {
                        list.element("li") { item in
                            if let address = entry.address {
                                item.element("a", ["href": address], entry.name)
                            } else {
                                item.element("a", ["aria-current": "page"], entry.name)
                            }
                        }
                    }
                }
            }
        }
        header.element("ul", ["class": "languages", "aria-label": Phrase.languages[language]]) { list in
            for other in PageLanguage.allCases {
                list.element("li") { item in
                    if other == language {
                        item.element("span", ["aria-current": "true", "lang": other.rawValue], other.ownName)
                    } else {
                        item.element(
                            "a",
                            ["href": address(other), "hreflang": other.rawValue, "lang": other.rawValue],
                            other.ownName
                        )
                    }
                }
            }
        }
    }

    package func path(of asset: PageAsset) -> String { assetRoot + "/" + asset.fileName }
}
