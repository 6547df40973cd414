import Foundation
import Testing

@Suite("docs/errors.md")
struct ErrorsDocumentTests {
    @Test("docs/errors.md is the table; UPDATE_ERRORS=1 writes it")
    func document() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/errors.md")
            .standardized
        if ProcessInfo.processInfo.environment["UPDATE_ERRORS"] == "1" {
            try ErrorsDocument.text.write(to: file, atomically: true, encoding: .utf8)
        }
        let written = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let difference = ErrorsDocument.text.split(separator: "\n").difference(from: written.split(separator: "\n"))
        #expect(
            ErrorsDocument.text == written,
            "run `make errors` to write docs/errors.md anew: \(difference.count) lines differ"
        )
    }
}
