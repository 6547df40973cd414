import PageTexts
import Testing

@testable import Console

struct WordsTests {
    private let words = Words(language: .english, now: noon)

    @Test(
        "how long something took is said to the millisecond, and what took less is not nothing",
        arguments: [
            (Duration.zero, "0 ms"), (.microseconds(-5), "0 ms"), (.nanoseconds(1), "< 1 ms"),
            (.microseconds(999), "< 1 ms"), (.milliseconds(1), "1 ms"), (.milliseconds(1250), "1.25 s"),
            (.milliseconds(12_340), "12.3 s"), (.seconds(1200), "1,200 s"),
        ]
    )
    func latency(_ duration: Duration, _ text: String) { #expect(words.latency(duration) == text) }

    @Test("a moment in a request is said by its millisecond")
    func offset() {
        #expect(words.offset(.microseconds(300)) == "+0 ms")
        #expect(words.offset(.milliseconds(320)) == "+320 ms")
    }
}
