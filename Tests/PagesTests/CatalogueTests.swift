import Explanations
import Foundation
import PageTexts
import Testing
import Yams

/// Of each text there is a translation of just this text: whoever changes the English sees here that the Chinese is of another one.
@Suite("The catalogue of Chinese texts")
struct CatalogueTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private var explained: Set<String> {
        var texts = Set(Explanations.all.flatMap { [$0.meaning, $0.step] })
        texts.formUnion(Explanation.Actor.allCases.map(\.title))
        texts.formUnion(Explanation.Area.allCases.flatMap { [$0.title, $0.place] })
        return texts
    }

    /// The titles, summaries and descriptions of the contract, but for those in the bodies of its examples.
    private var contracted: Set<String> {
        get throws {
            let text = try String(contentsOf: Self.root.appending(path: "openapi.yaml"), encoding: .utf8)
            var texts: Set<String> = []
            Self.collect(try #require(try Yams.load(yaml: text)), under: nil, into: &texts)
            return texts
        }
    }

    private static func collect(_ node: Any, under parent: String?, into texts: inout Set<String>) {
        if let list = node as? [Any] { list.forEach { collect($0, under: nil, into: &texts) } }
        guard let mapping = node as? [String: Any] else { return }
        for (key, value) in mapping {
            if let text = value as? String {
                if ["title", "summary", "description"].contains(key) {
                    texts.insert(text.trimmingCharacters(in: .whitespacesAndNewlines))
                }
            } else if parent == "properties" || !["example", "value"].contains(key) {
                collect(value, under: key, into: &texts)
            }
        }
    }

    @Test("has each text that is explained or in the contract, and no other")
    func complete() throws {
        let wanted = try explained.union(contracted)
        #expect(wanted.subtracting(Catalogue.allEnglish).sorted() == [], "not translated, or the English has changed")
        #expect(Catalogue.allEnglish.subtracting(wanted).sorted() == [], "translations of texts that there are no more")
        #expect(wanted.count > 500)
    }

    @Test("leaves codes, settings and names of headers as they are")
    func names() throws {
        for english in Catalogue.allEnglish {
            let chinese = try #require(Catalogue.text(english, in: .chinese))
            #expect(Catalogue.text(english, in: .english) == english)
            let code = /`[^`]+`/
            #expect(
                Set(english.matches(of: code).map { $0.output }) == Set(chinese.matches(of: code).map { $0.output }),
                "\(english)"
            )
        }
    }
}
