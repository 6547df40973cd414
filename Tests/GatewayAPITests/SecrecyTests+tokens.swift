import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import QRCode
import Settings
import Telemetry
import Testing

@testable import GatewayAPI
@testable import Graph

/// The same for what a profile shows of its token.
extension SecrecyTests {
    private static let value = "canary-token-value-0009"
    private static let content = "canary-qr-content-0011"

    /// More than is asked for: Graph is free to show it.
    private static func shown(until end: String) throws -> String {
        let picture = Data(try QRSymbol(content).png()).base64EncodedString()
        return #"""
            {"id":"\#(Gateway.profile)","displayName":"Kiosks","tokenValue":"\#(value)","qrCodeContent":"\#(content)",
            "qrCodeImage":{"type":"image/png","value":"\#(picture)"},"wifiPassword":"canary-wifi-0012",
            "tokenExpirationDateTime":"\#(end)","value":[{"id":"\#(Gateway.profile)","displayName":"Kiosks",
            "tokenValue":"\#(value)","qrCodeContent":"\#(content)","wifiPassword":"canary-wifi-0012"}]}
            """#
    }

    private struct Ask {
        var method = HTTPRequest.Method.get
        var path = Gateway.path
        var fields: [(String, String)] = []
        var body: String?
        /// Whether the token itself is the answer.
        var showsToken = false
    }

    private static let asks = [
        Ask(showsToken: true),
        Ask(fields: [("Accept", "text/html")]),
        Ask(fields: [("Accept", "canary/field-0005")]),
        Ask(path: Gateway.path + "?kind=canary-query-0006"),
        Ask(path: Gateway.path + "/qr-code"),
        // Its bytes are looked for nowhere: they show the code, and are there for that.
        Ask(path: Gateway.path + "/qr-code", fields: [("Accept", "image/png")], showsToken: true),
        Ask(path: Gateway.path + "/qr-code", fields: [("If-None-Match", "canary-field-0005")]),
        Ask(path: "/profiles"),
        Ask(path: "/profiles?limit=canary-query-0006"),
        Ask(path: "/profiles?cursor=canary-query-0006"),
        Ask(path: "/profiles/\(Gateway.profile)"),
        Ask(method: .post, fields: jsonFields, body: #"{"reuseIfValidForSeconds":60}"#),
        Ask(
            method: .post,
            fields: jsonFields + [("Prefer", "return=representation")],
            body: #"{"reuseIfValidForSeconds":60}"#,
            showsToken: true
        ),
        Ask(method: .post, fields: [("Prefer", "return=representation, canary-field-0005")]),
        Ask(method: .post, fields: jsonFields, body: #"{"reuseIfValidForSeconds":"canary-body-0007"}"#),
        Ask(method: .post, fields: [("If-Match", "canary-field-0005")]),
        Ask(method: .delete),
        Ask(method: .delete, body: "canary-body-0007"),
        Ask(method: .delete, fields: [("Idempotency-Key", "canary-field-0005")]),
    ]

    @Test(
        "what a profile shows of its token is in no log line, and in no answer but to those who asked for it",
        arguments: Upstream.allCases,
        ["2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]
    )
    func tokens(upstream: Upstream, end: String) async throws {
        let lines = Lines()
        let logger = LogConfiguration(level: .trace, format: .json).logger(sink: lines)
        let applications = try applications(upstream, logger, shown: Self.shown(until: end))
        let answers = try await applications.gateway().test(.router) { client in
            var answers: [Answer] = []
            for ask in Self.asks {
                var fields: HTTPFields = [.apiKey: Self.apiKey]
                for (name, value) in ask.fields { fields.append(HTTPField(name: .init(name)!, value: value)) }
                let response = try await client.executeRequest(
                    uri: ask.path,
                    method: ask.method,
                    headers: fields,
                    body: ask.body.map { ByteBuffer(string: $0) }
                )
                answers.append(
                    Answer(
                        status: response.status.code,
                        fields: response.headers.map { ($0.name.rawName, $0.value) },
                        body: String(buffer: response.body)
                    )
                )
            }
            return answers
        }
        #expect(answers.count == Self.asks.count)
        expectNoCanary(lines.all, [])
        for (ask, answer) in zip(Self.asks, answers) {
            let isShown = ask.showsToken && answer.status == 200
            expectNoCanary([], [answer], but: isShown ? [Self.value, Self.content] : [])
        }
        #expect(lines.all.count >= Self.asks.count)
        // The scenario is the one that is meant: the token was there to be shown.
        let isGood = upstream.answersReads && end.hasPrefix("2999")
        #expect(answers[0].body.contains(Self.value) == isGood)
        #expect(answers[0].body.contains(Self.content) == isGood)
        if upstream == .good, isGood { #expect(answers.filter { $0.status < 300 }.count == 10) }
    }

    @Test("what holds a token can be printed, dumped and reflected on without it")
    func descriptions() throws {
        let body = ByteBuffer(string: try Self.shown(until: "2999-01-01T00:00:00Z"))
        let profile = ProfileReference(kind: .deviceOwner, id: try #require(ProfileID(Gateway.profile)))
        let state = try #require(TokenState(decoding: body, of: profile))
        let image = try #require(state.qrCodeImage)
        let shown = ShownToken(
            value: state.value,
            qrCodeContent: state.qrCodeContent,
            qrCodeImage: state.qrCodeImage
        )
        var created = CreatedToken.sample()
        created.representation = .complete(value: Secret(Self.value), qrCodeContent: Secret(Self.content))
        let held: [Any] = [
            state, shown, created, TokenMinting.created(created), TokenMinting.present(shown), image,
            Baseline.read(state), try #require(EnrollmentProfile(decoding: body, of: profile)),
        ]
        for thing in held {
            var dumped = ""
            dump(thing, to: &dumped)
            for text in [
                "\(thing)", String(reflecting: thing), dumped, "\(Mirror(reflecting: thing).children.map(\.value))",
            ] {
                #expect(!text.contains("canary"))
                #expect(!Self.showsPicture(text), "\(type(of: thing)): \(text)")
            }
        }
        // Without this the test would pass for whatever shows a picture in its own way.
        var dumped = ""
        dump(image.png, to: &dumped)
        for text in ["\(image.png)", dumped, "\(ByteBuffer(bytes: image.png))", Data(image.png).base64EncodedString()] {
            #expect(Self.showsPicture(text), "\(text)")
        }
    }

    /// Whether the beginning of a PNG is in it: as a list of bytes, in hexadecimal, or in base64.
    ///
    /// Four bytes together, since one is in many a number: a clock's, say.
    private static func showsPicture(_ text: String) -> Bool {
        let words = text.split { !$0.isLetter && !$0.isNumber }.joined(separator: " ").lowercased()
        return ["137 80 78 71", "89504e47", "89 50 4e 47", "ivborw0"].contains { words.contains($0) }
    }
}
