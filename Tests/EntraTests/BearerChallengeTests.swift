import HTTPTypes
import Testing

@testable import Entra

@Suite("The claims of WWW-Authenticate")
struct BearerChallengeTests {
    /// `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`
    private static let base64 = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ=="
    private static let json = #"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#

    private func claims(_ values: String...) -> String? {
        var fields = HTTPFields()
        for value in values { fields.append(HTTPField(name: .wwwAuthenticate, value: value)) }
        return ClaimsChallenge(wwwAuthenticate: fields)?.json
    }

    @Test(
        "Claims are found in whatever order and form the parameters come",
        arguments: [
            #"Bearer realm="", authorization_uri="https://login.example/common", error="insufficient_claims", claims="\#(base64)""#,
            #"bearer claims="\#(base64)",error=insufficient_claims"#,
            #"BEARER   Claims = "\#(base64)" ,  ERROR = "insufficient_claims",,"#,
            #"Negotiate, Basic realm="a, Bearer", Bearer error="insufficient_claims", claims="\#(base64)""#,
            #"Negotiate dG9rZW4=, Bearer error="insufficient_claims", claims="\#(base64)", Digest nonce=1"#,
            #"Bearer error_description="say \"claims=\", no", error="insufficient_claims", claims="\#(base64)""#,
            #"Bearer error="invalid_token", claims="\#(base64)", Bearer error="insufficient_claims", claims="\#(base64)""#,
        ]
    )
    func found(value: String) { #expect(claims(value) == Self.json) }

    @Test("They may be in any of several fields")
    func severalFields() {
        let value = #"Bearer error="insufficient_claims", claims="\#(Self.base64)""#
        #expect(claims(#"Bearer realm="""#, value) == Self.json)
    }

    @Test(
        "Everything else asks for nothing",
        arguments: [
            "", "Bearer", "Bearer realm=\"\"", "Bearer error=\"insufficient_claims\"",
            "Bearer error=\"insufficient_claims\", claims=\"!\"",
            "Bearer error=\"invalid_token\", claims=\"\(base64)\"",
            "Basic error=\"insufficient_claims\", claims=\"\(base64)\"", "claims=\"\(base64)\"", "=", "\"", ",,,",
            "Bearer =\"",
            "Bearer error=\"insufficient_claims, claims=\"\(base64)\"", "Bearer \\\\\"claims",
        ]
    )
    func nothing(value: String) { #expect(claims(value) == nil) }

    @Test("A field without end is not read to its end")
    func long() {
        let noise = String(repeating: "x=\"\\\"\", ", count: 20_000)
        #expect(claims("Bearer \(noise)error=\"insufficient_claims\", claims=\"\(Self.base64)\"") == nil)
    }
}
