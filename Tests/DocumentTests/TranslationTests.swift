import Foundation
import Testing

@Suite("The README in two languages")
struct TranslationTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    private static func file(_ name: String) throws -> MarkdownFile {
        MarkdownFile(try String(contentsOf: root.appending(path: name), encoding: .utf8))
    }

    /// Of a page there is a picture in each language.
    private static func subject(of link: String) -> String {
        link.hasPrefix("docs/images/pages/") ? String(link.prefix { $0 != "-" }) : link
    }

    @Test(
        "what one of them has, the other has in the same place",
        arguments: [("README.md", "README.zh-CN.md"), ("README.zh-CN.md", "README.md")]
    )
    func counterparts(of name: String, in other: String) throws {
        let (file, translation) = (try Self.file(name), try Self.file(other))
        for landmark in file.landmarks(missingIn: translation) {
            Issue.record("\(other) has no counterpart to this of \(name): \(landmark.line)")
        }
        // Each has its own anchors, and leads to the other.
        let links = Set(file.links).filter { !$0.hasPrefix("#") && $0 != other }.map(Self.subject)
        #expect(Set(links).subtracting(translation.links.map(Self.subject)).isEmpty, "\(other) lacks links of \(name)")
        #expect(file.names.subtracting(translation.names).isEmpty, "\(other) lacks what \(name) has in code")
    }

    @Test("a comment and the text of a row are translated, and all else is missed")
    func missing() {
        let file = MarkdownFile(
            """
            ## Start
            | name | |
            |---|---|
            | `A` | is `one` |
            | `B` | is `two` |
            ```sh
            # Now
            run it    # quickly
            ```
            ### End
            """
        )
        let translation = MarkdownFile(
            """
            ## 开始
            | 名称 | |
            |---|---|
            | `A` | 是 `one` |
            ```sh
            run it    # 快
            ```
            """
        )
        #expect(file.landmarks(missingIn: translation).map(\.line) == ["| `B` | is `two` |", "### End"])
        #expect(translation.landmarks(missingIn: file).isEmpty)
    }
}

extension MarkdownFile {
    /// What a translation would need for having all of this file, in order.
    fileprivate func landmarks(missingIn translation: MarkdownFile) -> [Landmark] {
        translation.landmarks.difference(from: landmarks) { $0.kept == $1.kept }.removals.map { removal in
            switch removal {
            case .insert(_, let landmark, _), .remove(_, let landmark, _): landmark
            }
        }
    }
}
