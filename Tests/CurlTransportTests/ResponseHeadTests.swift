import HTTPTypes
import Testing

@testable import CurlTransport

@Suite("ResponseHead")
struct ResponseHeadTests {
    func head(_ lines: [String]) throws(ResponseHead.Fault) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { try head.append(line: Array("\(line)\r\n".utf8)) }
        return head
    }

    @Test("a final head is complete at its empty line, duplicate fields kept")
    func final() throws {
        let head = try head(["HTTP/1.1 200 OK", "A: 1", "a:\t2 ", "Empty:", "Content-Length: 7", ""])
        #expect(head.isComplete)
        #expect(head.status == .ok)
        #expect(head.fields[values: HTTPField.Name("A")!] == ["1", "2"])
        #expect(head.fields[HTTPField.Name("Empty")!] == "")
        #expect(head.contentLength == 7)
    }

    @Test("an HTTP/2 status line has no reason")
    func http2() throws {
        let head = try head(["HTTP/2 204 ", ""])
        #expect(head.status == .noContent)
    }

    @Test("informational heads leave nothing behind")
    func informational() throws {
        let head = try head([
            "HTTP/1.1 103 Early Hints", "Link: x", "Content-Length: 9", "", "HTTP/1.1 204 No Content", "",
        ])
        #expect(head.status == .noContent)
        #expect(head.fields.isEmpty)
        #expect(head.contentLength == nil)
    }

    @Test("an informational head alone is not complete")
    func informationalAlone() throws {
        #expect(try head(["HTTP/1.1 100 Continue", ""]).isComplete == false)
    }

    @Test("trailers are dropped")
    func trailers() throws {
        let head = try head(["HTTP/1.1 200 OK", "", "X-Late: 1", ""])
        #expect(head.fields.isEmpty)
    }

    @Test(
        "what is no head is refused",
        arguments: [
            (["HTTP/1.1 2xx OK"], ResponseHead.Fault.status), (["HTTP/1.1 20 OK"], .status),
            (["HTTP/1.1 099 X"], .status),
            (["ICY 200 OK"], .status), ([""], .status), (["HTTP/1.1"], .status),
            (["HTTP/1.1 200 OK", "no colon"], .field), (["HTTP/1.1 200 OK", "bad name: 1"], .field),
            (["HTTP/1.1 200 OK", " folded: 1"], .field), (["HTTP/1.1 200 OK", ": nameless"], .field),
            (["HTTP/1.1 200 OK", "A: x\u{0}y"], .field), (["HTTP/1.1 200 OK", "A: x\ry"], .field),
            (["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2"], .contentLength),
            (["HTTP/1.1 200 OK", "Content-Length: -1"], .contentLength),
            (["HTTP/1.1 200 OK", "Content-Length: +1"], .contentLength),
            (["HTTP/1.1 200 OK", "Content-Length: 1, 1"], .contentLength),
            (["HTTP/1.1 200 OK", "Content-Length: 99999999999999999999"], .contentLength),
            (["HTTP/1.1 200 OK", "A: " + String(repeating: "x", count: 65_536)], .tooLarge),
        ]
    )
    func refused(lines: [String], fault: ResponseHead.Fault) {
        #expect(throws: fault) { try head(lines) }
    }

    @Test("endless informational heads are bounded")
    func endless() {
        #expect(throws: ResponseHead.Fault.tooLarge) {
            var head = ResponseHead()
            for _ in 0..<10_000 {
                try head.append(line: Array("HTTP/1.1 102 Processing\r\n".utf8))
                try head.append(line: Array("\r\n".utf8))
            }
        }
    }
}
