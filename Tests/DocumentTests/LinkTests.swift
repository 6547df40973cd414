import Foundation
import Testing

@Suite("Links in the documents")
struct LinkTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    /// Every Markdown file of the project, by its path from the root.
    private static let documents: [String] = {
        let files = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".md") && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }.sorted()
    }()

    @Test("there are documents to look into")
    func found() { #expect(Self.documents.contains("README.md") && Self.documents.contains("docs/operations.md")) }

    @Test("every link to a file of the project leads to one, and its anchor to a heading", arguments: documents)
    func links(document: String) throws {
        let file = Self.root.appending(path: document)
        for link in MarkdownFile(try String(contentsOf: file, encoding: .utf8)).links where !link.contains(":") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? file : file.deletingLastPathComponent().appending(path: parts[0])
            #expect(FileManager.default.fileExists(atPath: target.path), "\(document) has a link to \(link)")
            guard parts.count == 2, target.pathExtension == "md" else { continue }
            let text = (try? String(contentsOf: target, encoding: .utf8)) ?? ""
            #expect(MarkdownFile(text).anchors.contains(parts[1]), "\(document) has a link to \(link)")
        }
    }

    @Test("README leads to every document")
    func complete() throws {
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let links = MarkdownFile(readme).links
        for document in Self.documents where document.hasPrefix("docs/") {
            #expect(links.contains(document), "README.md has no link to \(document)")
        }
    }

    @Test("a link in code is none, and one over two lines is")
    func reading() {
        let file = MarkdownFile(
            """
            # How it *works*, in `code`
            ## A part
            ## A part
            ## 使用 Docker（两个网关）
            [one](a.md) `[two](b.md)` ![three
            four](c.svg)

            ```sh
            # no heading
            [five](d.md)
            ```
            """
        )
        #expect(file.links == ["a.md", "c.svg"])
        #expect(file.anchors == ["how-it-works-in-code", "a-part", "a-part-1", "使用-docker两个网关"])
    }
}
