import Yams

/// The Chinese of texts that are written in English elsewhere: what codes mean, and what the contract says.
///
/// Found by the English text itself, so that one that was changed has no translation until somebody has looked.
package enum Catalogue {
    private struct Entry: Decodable {
        var en: String
        var zh: String
    }

    /// `nil` where there is no translation; the text itself in English.
    package static func text(_ english: String, in language: PageLanguage) -> String? {
        switch language {
        case .english: english
        case .chinese: chinese[english]
        }
    }

    /// All that is translated.
    package static var allEnglish: Set<String> { Set(chinese.keys) }

    private static let chinese: [String: String] = {
        var texts: [String: String] = [:]
        for file in [PackageResources.explanations_yaml, PackageResources.contract_yaml] {
            // They are part of the program, and tests read them.
            let entries = try? YAMLDecoder().decode([Entry].self, from: String(decoding: file, as: UTF8.self))
            for entry in entries ?? [] { texts[entry.en] = entry.zh }
        }
        return texts
    }()
}
