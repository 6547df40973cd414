import Testing
import Traces

/// The example of W3C Trace Context.
private let trace = "0af7651916cd43dd8448eb211c80319c"
private let span = "b7ad6b7169203331"

@Suite("TraceContext")
struct TraceContextTests {
    @Test("a traceparent is read, and written as it was", arguments: ["00", "01"])
    func read(flags: String) throws {
        let text = "00-\(trace)-\(span)-\(flags)"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.trace.description == trace)
        #expect(context.span.description == span)
        #expect(context.isSampled == (flags == "01"))
        #expect(context.traceparent == text)
    }

    @Test("flags that are not known are not handed on", arguments: ["03", "ff", "fe", "08"])
    func flags(flags: String) throws {
        let context = try #require(TraceContext(traceparent: "00-\(trace)-\(span)-\(flags)"))
        #expect(context.isSampled == ["03", "ff"].contains(flags))
        #expect(context.traceparent.hasSuffix(context.isSampled ? "-01" : "-00"))
    }

    @Test("a later version may have more to say", arguments: ["cc-\(trace)-\(span)-01", "01-\(trace)-\(span)-01-more"])
    func laterVersion(text: String) {
        #expect(TraceContext(traceparent: text)?.isSampled == true)
    }

    @Test(
        "what is not valid is as if it were not there",
        arguments: [
            "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-011",
            // Version 0 has nothing behind the flags, and version 255 is none.
            "00-\(trace)-\(span)-01-more", "00-\(trace)-\(span)-01-", "ff-\(trace)-\(span)-01",
            "cc-\(trace)-\(span)-01more",
            "0-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01",
            // All-zero ids, upper case, other digits, other separators.
            "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
            "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01", "00-\(trace)-\(span)-0A",
            "00-\(trace.dropLast())g-\(span)-01", "00-\(trace)-\(span.dropLast()) -01", "00_\(trace)_\(span)_01",
            "00-\(trace.dropLast())-\(span)0-01", " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01 ",
            "00-\(trace.dropLast(2))é-\(span)-01",
        ]
    )
    func invalid(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test("one that is there twice begins no trace, though both be the same")
    func twice() {
        let text = "00-\(trace)-\(span)-01"
        #expect(TraceContext(traceparents: [text]) != nil)
        #expect(TraceContext(traceparents: []) == nil)
        #expect(TraceContext(traceparents: [text, text]) == nil)
        #expect(TraceContext(traceparents: [text + "," + text]) == nil)
    }
}
