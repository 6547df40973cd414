/// The languages that pages for people are written in.
package enum PageLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh-Hans"

    /// What the language calls itself.
    package var ownName: String {
        switch self {
        case .english: "English"
        case .chinese: "简体中文"
        }
    }

    /// What a person chose by a link counts, else what the browser asks for (RFC 9110 §12.5.4).
    ///
    /// Every kind of Chinese gets the one that there is: whoever asks for it reads it more easily than English.
    ///
    /// - Parameters:
    ///   - chosen: the page's parameter `lang`; anything but a language of ours is as none.
    ///   - acceptLanguage: the values of `Accept-Language`.
    package init(chosen: String?, acceptLanguage: [String]) {
        if let chosen, let language = PageLanguage(rawValue: chosen) {
            self = language
            return
        }
        var best: (language: PageLanguage, weight: Int) = (.english, 0)
        for range in acceptLanguage.joined(separator: ",").split(separator: ",").prefix(Self.mostRanges) {
            let parts = range.split(separator: ";").map { $0.trimmingBlanks }
            guard let tag = parts.first?.lowercased(), let language = PageLanguage(range: tag) else { continue }
            let weight = parts.dropFirst().first.map(Self.weight) ?? 1000
            // The first one of those that are equally welcome.
            if weight > best.weight { best = (language, weight) }
        }
        self = best.language
    }

    /// More are not looked at.
    private static let mostRanges = 20

    private init?(range: String) {
        switch range.split(separator: "-").first {
        case "zh": self = .chinese
        case "en", "*": self = .english
        default: return nil
        }
    }

    /// In thousandths; 0 for what is none.
    private static func weight(_ parameter: String) -> Int {
        let text = parameter.lowercased()
        guard text.hasPrefix("q="), let value = Double(text.dropFirst(2)), (0...1).contains(value) else { return 0 }
        return Int((value * 1000).rounded())
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
