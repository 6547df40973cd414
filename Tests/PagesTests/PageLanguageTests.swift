import PageTexts
import Testing

@Suite("The language of a page")
struct PageLanguageTests {
    @Test(
        "is what the browser likes best of those that there are",
        arguments: [
            ([], PageLanguage.english), (["zh-CN,zh;q=0.9,en;q=0.8"], .chinese), (["en-GB,zh;q=0.9"], .english),
            (["de, zh-Hans;q=0.5, en;q=0.4"], .chinese), (["zh-TW"], .chinese), (["ZH"], .chinese),
            (["fr-FR, *;q=0.1"], .english), (["zh;q=0, en;q=0"], .english), (["en;q=0.5", "zh;q=0.7"], .chinese),
            ([" zh ; q=1.0"], .chinese), (["zh;q=2"], .english), (["zh;q=abc"], .english), (["zhuang"], .english),
            ([""], .english), ([",,;q=1,"], .english), (["en, zh"], .english), (["zh, en"], .chinese),
        ] as [([String], PageLanguage)]
    )
    func accepted(values: [String], language: PageLanguage) {
        #expect(PageLanguage(chosen: nil, acceptLanguage: values) == language)
    }

    @Test("is the one that a person chose, where it is one of ours")
    func chosen() {
        #expect(PageLanguage(chosen: "en", acceptLanguage: ["zh"]) == .english)
        #expect(PageLanguage(chosen: "zh-Hans", acceptLanguage: ["en"]) == .chinese)
        #expect(PageLanguage(chosen: "<script>", acceptLanguage: ["zh"]) == .chinese)
    }

    @Test("is found in a list of any length")
    func longList() {
        let many = [String](repeating: "de", count: 100_000) + ["zh"]
        #expect(PageLanguage(chosen: nil, acceptLanguage: [many.joined(separator: ",")]) == .english)
    }
}

@Suite("A phrase")
struct PhraseTests {
    @Test("takes values in the order of its language, and leaves what is in them alone")
    func values() {
        let phrase = Phrase("{0} of {1}", "{1} 中的 {0}")
        #expect(phrase(.english, "3", "7") == "3 of 7")
        #expect(phrase(.chinese, "3", "7") == "7 中的 3")
        #expect(phrase(.english, "{1}", "{0}") == "{1} of {0}")
        #expect(Phrase("a {x} {5} {", "a")(.english, "1") == "a {x} {5} {")
    }
}
