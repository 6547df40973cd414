import TerminalText
import Testing

@Suite("Wrapped text")
struct WrappedTextTests {
    @Test("lines are no longer than the width, and none of the words is lost", arguments: [40, 61, 80, 110])
    func width(width: Int) {
        let text = String(repeating: "a few words, of several lengths each ", count: 20)
        let lines = WrappedText.lines(text, width: width, first: "  What to do   ")
        #expect(lines.allSatisfy { $0.count <= width })
        #expect(lines[0].hasPrefix("  What to do   a few"))
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(String(repeating: " ", count: 15)) })
        let words = lines.joined(separator: " ").split(separator: " ").dropFirst(3)
        #expect(words.elementsEqual(text.split(separator: " ")))
    }

    @Test("a word longer than the width stands over, on a line of its own")
    func longWord() {
        let word = String(repeating: "x", count: 60)
        #expect(WrappedText.lines("a \(word) b", width: 40, first: "  ") == ["  a", "  " + word, "  b"])
    }

    @Test("no text is one line")
    func empty() { #expect(WrappedText.lines("", width: 80, first: "  Also  ") == ["  Also"]) }

    @Test("a width of nothing is taken for a narrow terminal's")
    func narrow() {
        #expect(WrappedText.lines("one two three", width: 0) == ["one two three"])
    }
}
