import Settings
import Testing

@Suite("Secret")
struct SecretTests {
    private static let text = "canary-7f3a"

    private struct Holder {
        var name = "holder"
        var secret = Secret(SecretTests.text)
        var maybe: Secret? = Secret(SecretTests.text)
        var many = [Secret(SecretTests.text)]
        var byName = ["key": Secret(SecretTests.text)]
    }

    private struct Failure: Error { var secret = Secret(SecretTests.text) }

    private enum Wrapped { case secret(Secret) }

    @Test("every way of printing one shows the placeholder only")
    func printing() {
        let secret = Secret(Self.text)
        #expect(secret.description == Secret.placeholder)
        #expect(secret.debugDescription == Secret.placeholder)
        #expect("\(secret)" == Secret.placeholder)
        #expect(String(describing: secret) == Secret.placeholder)
        #expect(String(reflecting: secret) == Secret.placeholder)
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test(
        "inside anything else it is not shown either",
        arguments: [
            { Holder() }, { Optional(Secret(text)) as Any }, { [Secret(text)] }, { ["key": Secret(text)] },
            { Failure() }, { Wrapped.secret(Secret(text)) }, { (1, Secret(text)) },
            { Result<Secret, Failure>.failure(Failure()) },
        ] as [@Sendable () -> Any]
    )
    func nested(make: @Sendable () -> Any) {
        let value = make()
        var dumped = ""
        dump(value, to: &dumped)
        for shown in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
            #expect(!shown.contains(Self.text))
        }
        // Without this the test would pass for values that show nothing at all.
        #expect(dumped.contains(Secret.placeholder))
    }

    @Test("walking through mirrors never meets the text")
    func mirrors() {
        var texts: [String] = []
        func walk(_ value: Any) {
            if let text = value as? String { texts.append(text) }
            for child in Mirror(reflecting: value).children { walk(child.value) }
        }
        walk(Holder())
        #expect(texts.contains("holder"))
        #expect(!texts.contains(Self.text))
    }

    @Test("it lends its text, and tells its length in UTF-8 bytes")
    func revealing() {
        let secret = Secret("schlüssel")
        #expect(secret.reveal { $0 } == "schlüssel")
        #expect(secret.byteCount == 10)
        #expect(!secret.isEmpty)
        #expect(Secret("").isEmpty)
    }
}
