import HTTPTypes
import NIOCore
import Testing
import Transport

@testable import Graph

@Suite("GraphFault")
struct GraphFaultTests {
    private func fault(_ body: String, _ fields: HTTPFields = [:]) -> GraphFault {
        GraphFault(.status(400, fields, body: body))
    }

    private static let activity = "0cb3a0f5-17a5-4b7e-a6c5-8c6a5f0d2e11"

    /// As Intune writes it, inside of Graph's `message`.
    private static let intune = #"""
        {"error":{"code":"Forbidden","message":"{\r\n  \"_version\": 3,\r\n  \"Message\": \"Application is not authorized - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: 0CB3A0F5-17a5-4b7e-a6c5-8c6a5f0d2e11 - Url: https://fef.amsua0102.manage.microsoft.com/AndroidSync/StatelessAndroidSyncFEService/deviceManagement\",\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \"RetryAfter\": 7,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{\\\"WWW-Authenticate\\\":\\\"Bearer\\\"}\"\r\n}","innerError":{"date":"2021-01-15T14:39:08","request-id":"inner-1","client-request-id":"x"}}}
        """#

    @Test("a plain body is taken apart")
    func plain() {
        let fault = fault(
            #"{"error":{"code":"BadRequest","message":"Bad value.","innerError":{"request-id":"r-1","date":"2026-11-24T05:00:00"}}}"#
        )
        #expect(fault == GraphFault(status: 400, requestID: "r-1", code: "BadRequest", message: "Bad value."))
    }

    @Test("Intune's nested text is unwrapped: its words, its Activity ID and its RetryAfter, without hosts")
    func nested() {
        let fault = fault(Self.intune)
        #expect(fault.code == "Forbidden" && fault.requestID == "inner-1")
        #expect(fault.message == "Application is not authorized")
        #expect(fault.activityID == Self.activity)
        #expect(fault.retryAfter == .seconds(7))
    }

    @Test("the answer's fields go before the body")
    func fields() {
        let fault = fault(Self.intune, [.graphRequestID: "head-1", .retryAfter: "2"])
        #expect(fault.requestID == "head-1" && fault.retryAfter == .seconds(2))
    }

    @Test(
        "RetryAfter inside of the body may be a number, a text or none",
        arguments: [("5", 5.0), (#"\"5\""#, 5), ("0.25", 0.25), (#"\"1e9\""#, 300), ("-3", 0)]
    )
    func nestedRetryAfter(text: String, seconds: Double) {
        let fault = fault(#"{"error":{"message":"{\"Message\":\"m\",\"RetryAfter\":\#(text)}"}}"#)
        #expect(fault.retryAfter == .seconds(seconds))
        #expect(self.fault(#"{"error":{"message":"{\"Message\":\"m\",\"RetryAfter\":null}"}}"#).retryAfter == nil)
    }

    @Test("both spellings of the inner error, and a byte-order mark, are read")
    func spellings() {
        for name in ["innerError", "innererror"] {
            #expect(fault("\u{FEFF}{\"error\":{\"code\":\"A\",\"\(name)\":{\"request-id\":\"r\"}}}").requestID == "r")
        }
    }

    static let useless = [
        "", " ", "null", "[]", "{}", "1", #""text""#, "<html><body>502</body></html>", #"{"error":null}"#,
        #"{"error":"text"}"#,
        #"{"error":[]}"#, #"{"error":{"code":"A""#, "\u{FEFF}", String(repeating: "[", count: 100_000),
        String(repeating: "x", count: 1 << 20), #"{"error":{"code":{"a":1},"message":["m"],"innerError":7}}"#,
    ]

    @Test("whatever else the body is, the head is enough", arguments: useless.indices)
    func anything(index: Int) {
        #expect(fault(Self.useless[index], [.graphRequestID: "r"]) == GraphFault(status: 400, requestID: "r"))
    }

    @Test("a member of the wrong type spoils nothing around it")
    func wrongTypes() {
        #expect(
            fault(#"{"error":{"code":"A","message":{"x":1},"innerError":"text"}}"#)
                == GraphFault(status: 400, code: "A")
        )
        let nested = fault(
            #"{"error":{"code":"A","innerError":{"request-id":"r","innerError":{"code":"B"},"n":null}}}"#
        )
        #expect(nested == GraphFault(status: 400, requestID: "r", code: "A"))
        #expect(fault(#"{"error":{"code":403}}"#).code == "403")
    }

    @Test(
        "codes and ids that are not made of what codes and ids have are dropped",
        arguments: [
            "", "two words", "a\\nb", "<script>", "\\u0000", "é", "a:b", "\\u202Ex", String(repeating: "a", count: 65),
            "a/b", "٣",
        ]
    )
    func hostile(text: String) {
        let fault = fault(
            #"{"error":{"code":"\#(text)","message":"{\"Message\":\"m - Activity ID: \#(text.contains("\\") ? "x" : text)\"}","innerError":{"request-id":"\#(text)"}}}"#
        )
        #expect(fault.status == 400)
        #expect(fault.code == nil && fault.requestID == nil && fault.activityID == nil)
    }

    @Test("a code or id of the greatest length passes")
    func longestCode() {
        let text = String(repeating: "a", count: 64)
        #expect(fault(#"{"error":{"code":"\#(text)"}}"#).code == text)
        #expect(fault("", [.graphRequestID: text]).requestID == text)
        #expect(fault("", [.graphRequestID: "r\u{e9}"]).requestID == nil)
    }

    @Test("the words are clipped, however they are made, and long ones are left out")
    func clipped() {
        let many = fault(#"{"error":{"message":"\#(String(repeating: "word ", count: 10_000))"}}"#)
        #expect(many.message?.unicodeScalars.count == 500)
        let marks = fault(#"{"error":{"message":"a e\#(String(repeating: "\u{301}", count: 100_000))"}}"#)
        #expect(marks.message == "a")
        let token = String(repeating: "eyJ0", count: 400)
        let echo = fault(
            #"{"error":{"message":"The token \#(token) is bad; see https://fef.amsua0102.manage.microsoft.com/x"}}"#
        )
        #expect(echo.message == "The token is bad; see")
        for before in stride(from: 4900, to: 5000, by: 1) {
            let filler = String(repeating: " ", count: before)
            let cut = fault(#"{"error":{"message":"A\#(filler)\#(token) tail"}}"#)
            #expect(cut.message == "A")
        }
        #expect(fault(#"{"error":{"message":"short"}}"#).message == "short")
    }
}

@Suite("GraphFault, the permissions that it names")
struct GraphFaultPermissionTests {
    @Test(
        "permissions are lifted out of the words, and nothing else is",
        arguments: [
            (
                "Application must have one of the following scopes: DeviceManagementConfiguration.Read.All, DeviceManagementConfiguration.ReadWrite.All - Operation",
                ["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"]
            ),
            ("Bearer eyJhbGciOi.eyJzdWIi.c2ln at https://fef.manage.microsoft.com/ReadWrite.All", []), ("", []),
        ]
    )
    func named(message: String, permissions: [String]) {
        #expect(GraphFault(status: 403, message: message).namedPermissions == permissions)
    }
}
