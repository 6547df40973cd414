import Testing

@testable import Pages

@Suite("HTML")
struct HTMLWriterTests {
    @Test("has no markup in it but the program's own")
    func escapes() {
        var writer = HTMLWriter()
        writer.element("p", ["title": #"" onclick="alert(1)"#, "class": "a'b"]) { paragraph in
            paragraph.text("<script>alert('&')</script>\0")
            paragraph.name("\u{202E}evil</bdi>")
            paragraph.void("br")
        }
        #expect(
            writer.html
                == #"<p title="&quot; onclick=&quot;alert(1)" class="a&#39;b">&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"#
                + "\u{FFFD}<bdi>\u{202E}evil&lt;/bdi&gt;</bdi><br></p>"
        )
    }

    @Test("has texts of any script as they are")
    func scripts() {
        var writer = HTMLWriter()
        writer.element("p", "注册令牌 – é 👩‍🔧")
        #expect(writer.html == "<p>注册令牌 – é 👩‍🔧</p>")
    }
}

@Suite("An asset")
struct PageAssetTests {
    @Test("has another name when its content is another")
    func names() {
        let first = PageAsset("page", .css, Array("a{}".utf8))
        #expect(first.fileName == PageAsset("page", .css, Array("a{}".utf8)).fileName)
        #expect(first.fileName != PageAsset("page", .css, Array("b{}".utf8)).fileName)
        #expect(first.fileName.wholeMatch(of: /page\.[0-9a-f]{16}\.css/) != nil)
    }
}
