/// A text of a page in each language. All of them are in this target: its files are the one table of texts.
///
/// Places for what is put in are `{0}`, `{1}` …, since languages order them differently.
package struct Phrase: Sendable, Equatable {
    package let english: String
    package let chinese: String

    package init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// What comes before something on the same line: a blank is after it, but not after punctuation that is as wide as a letter.
    package func before(_ language: PageLanguage) -> String {
        let text = self[language]
        return text.hasSuffix("：") ? text : text + " "
    }

    package subscript(_ language: PageLanguage) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// With `values` in their places. What is in a value is not looked at again.
    package func callAsFunction(_ language: PageLanguage, _ values: String...) -> String {
        var text = ""
        var rest = self[language][...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            if let place = Int(rest[rest.index(after: open)..<close]), values.indices.contains(place) {
                text += values[place]
            } else {
                text += rest[open...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }
}
