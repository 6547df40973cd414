import HTTPTypes
import QRCode
import Settings
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The QR code", .timeLimit(.minutes(5)))
struct QRCodeRouteTests {
    private static let path = Gateway.path + "/qr-code"
    private static let svg = "image/svg+xml"
    private static let png = "image/png"
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// A picture as Graph sends one.
    private static func image() throws -> [UInt8] { try QRSymbol("what Graph has drawn").png(scale: 3) }

    private static func profile() throws -> ProfileReference {
        ProfileReference(kind: .androidForWork, id: try #require(ProfileID(Gateway.profile)))
    }

    private func send(_ gateway: Gateway = Gateway(), accept: String?...) async throws -> Answer {
        try await gateway.send(.get, Self.path, accept.compactMap(\.self).map { ("Accept", $0) })
    }

    private func gateway(_ change: (inout ShownToken) throws -> Void) rethrows -> Gateway {
        var token = ShownToken.sample
        try change(&token)
        return Gateway(tokens: ScriptedTokens(showing: token))
    }

    @Test(
        "Accept picks the form, and SVG it is where the caller does not mind",
        arguments: [
            ([], svg), ([""], svg), (["*/*"], svg), (["image/*"], svg), ([svg], svg), ([png], png),
            (["IMAGE/PNG"], png), (["image/png, image/svg+xml"], svg), (["image/svg+xml, image/png"], svg),
            (["image/png;q=0.9, image/svg+xml;q=0.8"], png), (["image/png;q=0.8, image/svg+xml;q=0.9"], svg),
            (["image/svg+xml;q=0.001, image/png;q=0"], svg), (["image/svg+xml;q=0.5, image/*"], png),
            (["image/*;q=0.5, image/png"], png), (["*/*;q=0.1, image/png;q=0.2"], png),
            (["image/svg+xml;q=0, */*"], png), (["image/png;q=0, image/*"], svg),
            (["text/html, image/png;q=0.1"], png), (["text/html", "image/png"], png),
            (["image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"], svg),
            (["image/png ; q=1.0"], png), (["application/problem+json, image/png"], png),
        ] as [([String], String)]
    )
    func accepted(accept: [String], type: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(.get, Self.path, accept.map { ("Accept", $0) })
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == type)
        #expect(answer.bytes.starts(with: type == Self.png ? Self.signature : Array("<svg ".utf8)))
        // What is not needed does not travel.
        let selection: TokenSelection = type == Self.png ? .withPicture : .withQRCode
        #expect(gateway.tokens.asked == [.token(try Self.profile(), selection)])
    }

    @Test(
        "what rules both forms out is 406, and nothing is asked of Graph",
        arguments: [
            "text/html", "application/json", "application/problem+json", "image/gif", "image/svg", "image/svg+xml;q=0",
            "image/*;q=0", "*/*;q=0", "image/png;q=0, image/svg+xml;q=0.0", "image/png;q=0, image/svg+xml;q=0, */*",
            "text/*, application/*", "image/pngx",
        ]
    )
    func notAccepted(accept: String) async throws {
        let gateway = Gateway()
        let problem = try expect(
            await send(gateway, accept: accept),
            is: ExpectedProblem(.notAcceptable, outcome: nil, member: "Accept")
        )
        #expect(problem.detail.contains(Self.svg) && problem.detail.contains(Self.png))
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("the SVG is the drawing of the code, and would run nothing where it is opened alone")
    func drawing() async throws {
        let answer = try await send(accept: nil)
        #expect(answer["Content-Security-Policy"] == "default-src 'none'; sandbox")
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["Vary"] == "Accept")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["X-Request-ID"] != nil)
        #expect(answer.body == (try QRSymbol(ShownToken.sampleContent)).svg())
        #expect(!answer.body.contains(ShownToken.sampleValue))
        for word in ["script", "href", "onload", "foreignObject", "style", "PROVISIONING"] {
            #expect(!answer.body.contains(word))
        }
    }

    @Test("Graph's own picture is passed on byte by byte, and only as PNG")
    func picture() async throws {
        let image = try Self.image()
        let gateway = gateway { $0.qrCodeImage = QRCodeImage(png: image) }
        let answer = try await send(gateway, accept: Self.png)
        #expect(answer.bytes == image)
        #expect(answer["Content-Type"] == Self.png)
        #expect(answer["Content-Security-Policy"] == nil)
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["Vary"] == "Accept")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(try await send(gateway, accept: Self.svg).body == QRSymbol(ShownToken.sampleContent).svg())
    }

    @Test("where Graph's picture is none, damaged or far too large, one is drawn")
    func drawn() async throws {
        let image = try Self.image()
        let unfit: [[UInt8]] = [
            [], Array(image.dropFirst()), Array(image.dropLast()), Array(image.prefix(image.count / 2)), Self.signature,
            Array("<svg/>".utf8), [0xFF, 0xD8, 0xFF, 0xE0],
            image + Array(repeating: 0, count: QRCodeImage.longest),
        ]
        for bytes in unfit {
            let gateway = gateway { $0.qrCodeImage = QRCodeImage(png: bytes) }
            let answer = try await send(gateway, accept: Self.png)
            #expect(answer.status == 200)
            #expect(answer.bytes == (try QRSymbol(ShownToken.sampleContent).png()))
        }
    }

    @Test(
        "404 says why there is no QR code to scan",
        arguments: [svg, png],
        [
            ("none", "no enrollment token"), ("not yet", "does not show"), ("expired", "has ended"),
            ("ends now", "has ended"),
            ("no code", "no QR code"),
        ]
    )
    func notFound(form: String, state: (name: String, words: String)) async throws {
        let gateway = try gateway { token in
            switch state.name {
            case "not yet": token.value = nil
            case "no code": token.qrCodeContent = nil
            case "none":
                (token.value, token.isThere) = (nil, false)
                token.qrCodeImage = QRCodeImage(png: try Self.image())
            default:
                token.timeLeft = state.name == "expired" ? .seconds(-1) : .zero
                token.qrCodeImage = QRCodeImage(png: try Self.image())
            }
        }
        let answer = try await send(gateway, accept: form)
        let wait = state.name == "not yet" ? QRCodeRoutes.notYetRetryAfter : nil
        let problem = try expect(answer, is: ExpectedProblem(.tokenNotFound, outcome: nil, retryAfter: wait))
        #expect(problem.detail.contains(state.words))
        #expect(answer["Vary"] == nil || answer["Vary"] == "Accept")
        #expect(answer["Content-Security-Policy"] == nil)
        #expect(gateway.accessLines.map { $0["problem.code"] } == ["token-not-found"])
    }

    @Test("a token that is about to end, or never does, has its QR code")
    func usable() async throws {
        for left in [Duration.milliseconds(1), nil] {
            #expect(try await send(gateway { $0.timeLeft = left }, accept: Self.svg).status == 200)
        }
    }

    @Test("a picture without a text is passed on as PNG, and there is no SVG of it")
    func pictureAlone() async throws {
        let image = try Self.image()
        let gateway = gateway { token in
            token.qrCodeContent = nil
            token.qrCodeImage = QRCodeImage(png: image)
        }
        #expect(try await send(gateway, accept: Self.png).bytes == image)
        try expect(await send(gateway, accept: Self.svg), is: ExpectedProblem(.tokenNotFound, outcome: nil))
    }

    @Test("a text that no QR code holds is 502, and not in the answer; the longest that one holds is drawn")
    func longText() async throws {
        let longest = String(repeating: "canary-", count: 333)
        #expect(longest.utf8.count == 2331)
        let unfit = gateway { $0.qrCodeContent = Secret(longest + "x") }
        for form in [Self.svg, Self.png] {
            let answer = try await send(unfit, accept: form)
            try expect(answer, is: ExpectedProblem(.graphFailed, outcome: nil))
            #expect(!answer.body.contains("canary"))
            #expect(try await send(gateway { $0.qrCodeContent = Secret(longest) }, accept: form).status == 200)
        }
    }

    @Test("HEAD is 405, and nothing is asked of Graph")
    func head() async throws {
        let gateway = Gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.make("HEAD", Self.path, key: Gateway.key))
                let answer = try #require(try await wire.answer(toHEAD: true))
                #expect(answer.status == 405)
                #expect(answer["Allow"] == "GET")
                // Nothing of a body stands before the next answer.
                try await wire.send(RawRequest.make("GET", Self.path, key: Gateway.key))
                #expect(try await wire.answer()?.status == 200)
            }
        }
        #expect(gateway.tokens.asked.count == 1)
    }

    @Test("the log has what Graph answered, and nothing of the code")
    func log() async throws {
        let gateway = Gateway()
        _ = try await send(gateway, accept: nil)
        let line = try #require(gateway.accessLines.first)
        #expect(line["http.route"] == "/profiles/{profileId}/token/qr-code")
        #expect(line["http.status"] == "200")
        #expect(line["upstream.status"] == "200")
        #expect(line["graph.request_id"] == "read-id")
        #expect(!gateway.everyLine.contains { $0.contains(ShownToken.sampleValue) })
    }
}
