import Foundation
import Settings
import Testing

@testable import Entra

@Suite("What an access token says about itself")
struct AccessTokenFactsTests {
    private static func token(_ claims: String) -> Secret {
        let body = Data(claims.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        return Secret("eyJhbGciOiJub25lIn0.\(body).c2ln")
    }

    @Test("A token of version 1.0 is read")
    func versionOne() throws {
        let facts = try #require(
            AccessTokenFacts(
                Self.token(
                    #"{"aud":"https://graph.microsoft.com","tid":"t","appid":"a","roles":["One","Two"],"exp":1800000000,"name":"Zoë?>"}"#
                )
            )
        )
        #expect(facts.audience == "https://graph.microsoft.com")
        #expect(facts.tenant == "t")
        #expect(facts.application == "a")
        #expect(facts.roles == ["One", "Two"])
        #expect(facts.expiresAt == 1_800_000_000)
    }

    @Test("A token of version 2.0 names its app in another member")
    func versionTwo() throws {
        #expect(try #require(AccessTokenFacts(Self.token(#"{"azp":"a"}"#))).application == "a")
    }

    @Test("Without roles there are none; members of other types count as absent")
    func tolerance() throws {
        let facts = try #require(AccessTokenFacts(Self.token(#"{"aud":["x"],"roles":"One","exp":"soon","tid":7}"#)))
        #expect(facts.roles.isEmpty)
        #expect(facts.audience == nil)
        #expect(facts.tenant == nil)
        #expect(facts.expiresAt == nil)
    }

    @Test(
        "What is no readable JSON Web Token has no facts",
        arguments: ["", "opaque", "a.b", "a.b.c", "a.e30.c.d", "e30.W10.e30", "..", "a.!!!!.c"]
    )
    func unreadable(text: String) {
        #expect(AccessTokenFacts(Secret(text)) == nil)
    }
}

@Suite("A claims challenge")
struct ClaimsChallengeTests {
    @Test("Either alphabet of base64 is read, padded or not", arguments: ["eyJhIjoiPz8_PiJ9", "eyJhIjoiPz8/PiJ9"])
    func alphabets(text: String) throws {
        #expect(try #require(ClaimsChallenge(base64: text)).json == #"{"a":"???>"}"#)
        #expect(ClaimsChallenge(base64: "eyJhIjoxfQ==")?.json == #"{"a":1}"#)
        #expect(ClaimsChallenge(base64: "eyJhIjoxfQ")?.json == #"{"a":1}"#)
    }

    @Test("What holds no JSON object is none", arguments: ["", "!", "WzFd", "bm90IGpzb24", "/////w=="])
    func refused(text: String) { #expect(ClaimsChallenge(base64: text) == nil) }

    @Test("A huge one is none")
    func huge() {
        let text = Data(#"{"a":"\#(String(repeating: "x", count: 10_000))"}"#.utf8).base64EncodedString()
        #expect(ClaimsChallenge(base64: text) == nil)
    }
}
