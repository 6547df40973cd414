import Graph
import Settings
import Testing
import Transport

@testable import KeyRing

@Suite("KeyRingDocument")
struct KeyRingDocumentTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    /// A key's members; those that are given replace or follow the least that a key needs.
    private static func key(_ members: [(String, String?)] = []) -> String {
        var all: [(String, String?)] = [
            ("id", #""abcdefgh""#), ("caller", #""portal""#), ("digest", "\"\(digest)\""),
            ("rights", #"["token:create"]"#), ("profiles", #"["*"]"#), ("createdAt", #""2026-01-01T00:00:00Z""#),
        ]
        for (name, value) in members {
            if let index = all.firstIndex(where: { $0.0 == name }) {
                all[index].1 = value
            } else {
                all.append((name, value))
            }
        }
        return "{" + all.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",") + "}"
    }

    private static func document(_ keys: String...) -> String {
        #"{"version":1,"keys":[\#(keys.joined(separator: ","))]}"#
    }

    private func read(_ text: String) throws(KeyRingFault) -> KeyRingDocument { try KeyRingDocument(Array(text.utf8)) }

    private func fault(_ text: String) -> String? {
        do throws(KeyRingFault) {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("everything that a key may have is read, and written as it was")
    func whole() throws {
        let text = Self.document(
            Self.key([
                ("lastFour", #""x9Qz""#), ("rights", #"["token:create","profile:read"]"#),
                ("profiles", #"["7B1D2C3E-4F50-4A61-9B72-8C93A0B4D5E6"]"#), ("kinds", #"["device-owner"]"#),
                ("maxValidityInSeconds", "3600"), ("rateLimit", #""10/1s""#), ("burst", "20"),
                ("notBefore", #""2026-02-01T00:00:00Z""#), ("expiresAt", #""2026-03-01T00:00:00+01:00""#),
                ("revokedAt", #""2026-02-02T00:00:00Z""#), ("comment", #""é \"x\" \u00e9""#),
            ])
        )
        let document = try read(text)
        let entry = try #require(document.entries.first)
        #expect(entry.id == KeyID("abcdefgh"))
        #expect(entry.caller == "portal")
        #expect(entry.lastFour == "x9Qz")
        #expect(entry.grant.rights == [.createToken, .readProfiles])
        #expect(entry.grant.profiles == .some([profile.id]))
        #expect(entry.grant.kinds == [.deviceOwner])
        #expect(entry.grant.greatestValidity == 3600)
        #expect(entry.rate == CallerRate(SettingRate(count: 10, interval: .seconds(1)), burst: 20))
        #expect(entry.notBefore?.rfc3339 == "2026-02-01T00:00:00Z")
        #expect(entry.expiresAt?.rfc3339 == "2026-02-28T23:00:00Z")
        #expect(entry.revokedAt != nil)
        #expect(entry.comment == "é \"x\" é")
        let again = try read(document.text)
        #expect(again.text == document.text)
        #expect(again.entries.count == 1)
    }

    @Test("the least that a key needs is every right that it names, on every kind, without an end")
    func least() throws {
        let entry = try #require(read(Self.document(Self.key())).entries.first)
        #expect(entry.grant == KeyGrant(rights: [.createToken], profiles: .all))
        #expect(entry.rate == nil)
        #expect(entry.state(at: start + day * 10_000) == .live)
    }

    @Test("a ring without keys is one")
    func none() throws { #expect(try read(Self.document()).entries.isEmpty) }

    @Test(
        "what is no document is refused, and its place is named",
        arguments: [
            ("", "it is empty"), (" \n\t", "it is empty"), ("[]", "it is not one JSON object"),
            ("{", "line 1, column 2"),
            ("{\"version\":1,\"keys\":[", "it ends where a value belongs"), ("nonsense", "it is not one JSON object"),
            ("!", "line 1, column 1"),
            (document() + "x", "text after its end"), ("\u{FEFF}" + document(), "byte-order mark"),
            (#"{"keys":[]}"#, #"has no "version""#), (#"{"version":1}"#, #"has no "keys""#),
            (#"{"version":2,"keys":[]}"#, "version: is not 1"), (#"{"version":"1","keys":[]}"#, "version: is not 1"),
            (#"{"version":1.0,"keys":[]}"#, "version: is not 1"), (#"{"version":1,"keys":{}}"#, "keys: is no array"),
            (#"{"version":1,"keys":[],"keys":[]}"#, "keys: stands there more than once"),
            (#"{"version":1,"keys":[],"kys":[]}"#, #"unknown member "kys""#),
            (#"{"version":1,"keys":[1]}"#, "keys[0]: is no JSON object"),
            (#"{"version":1,"keys":[],"$schema":1}"#, "$schema: is no string"),
        ]
    )
    func documents(text: String, reason: String) throws {
        #expect(try #require(fault(text)).contains(reason), "\(fault(text) ?? "")")
    }

    @Test(
        "a member that is wrong is named, with the key's id",
        arguments: [
            ("id", #""ABCDEFGH""#, ".id: is not 8 characters"), ("id", nil, #"has no "id""#),
            ("id", "5", ".id: is not 8"),
            ("caller", #""a b""#, ".caller: is not 1 to 64"), ("caller", #""""#, ".caller: is not"),
            ("caller", nil, "has no"),
            ("digest", #""sha256:00""#, ".digest: is not"), ("digest", nil, #"has no "digest""#),
            ("lastFour", #""abcde""#, ".lastFour"), ("rights", "[]", ".rights: is not a list of"),
            ("rights", #"["token:creat"]"#, #".rights[0]: "token:creat" is no right; there are token:create"#),
            ("rights", #""token:create""#, ".rights: is not a list"), ("rights", "[1]", ".rights: is not a list"),
            ("rights", #"["token:create",null]"#, ".rights: is not a list"),
            ("profiles", "[]", ".profiles: is not a list"), ("profiles", #"["x"]"#, #"[0]: "x" is no profile id"#),
            ("profiles", #"["*","7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6"]"#, #"[0]: "*" is no profile id"#),
            ("kinds", #"["ios"]"#, #".kinds[0]: "ios" is no kind"#), ("kinds", "[]", ".kinds: is not a list"),
            ("maxValidityInSeconds", "59", "whole number from 60"), ("maxValidityInSeconds", "1e3", "whole number"),
            ("maxValidityInSeconds", #""3600""#, "whole number"),
            ("rateLimit", #""10""#, ".rateLimit: is not a rate such as 10/1s"),
            ("rateLimit", "10", ".rateLimit: is not"), ("burst", "1", #""burst" without a "rateLimit""#),
            ("createdAt", #""2026-01-01""#, ".createdAt: is not a time"), ("createdAt", nil, "has no"),
            ("expiresAt", #""2026-01-01T00:00:00""#, ".expiresAt: is not a time"),
            ("expiresAt", #""tomorrow""#, ".expiresAt: is not a time"),
            ("expiresAt", "null", ".expiresAt: is not a time"),
            ("expiresAt", #""2026-13-01T00:00:00Z""#, ".expiresAt: is not a time"),
            ("expiresAT", #""2026-01-01T00:00:00Z""#, #"unknown member "expiresAT""#),
            ("comment", "true", ".comment: is not a text"),
        ] as [(String, String?, String)]
    )
    func members(name: String, value: String?, reason: String) throws {
        let text = try #require(fault(Self.document(Self.key([(name, value)]))))
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains(name == "id" ? "keys[0]" : "keys[0] (abcdefgh)"), "\(text)")
    }

    @Test("a key that was put in the wrong place is not shown, nor is most of a long text")
    func keyInTheWrongPlace() throws {
        let key = APIKey.random()
        let secret = key.text.dropFirst(13)
        for member in ["\"\(key.text)\":1", "\"rights\":[\"\(key.text)\"]", "\"kinds\":[\"x\(key.text)\"]"] {
            let text = try #require(fault("{\"version\":1,\"keys\":[{\(member)}]}"))
            #expect(text.contains("egk_\(key.id)_…"), "\(text)")
            #expect(!text.contains(secret.prefix(4)), "\(text)")
        }
    }

    @Test("after some problems the rest is not looked at")
    func manyProblems() throws {
        let text = try #require(fault("{\"version\":1,\"keys\":[\(String(repeating: "{},", count: 100))!"))
        #expect(text.hasSuffix("; and more"))
        #expect(text.split(separator: "; ").count == KeyRingDocument.mostProblems + 1)
    }

    @Test("a key that would end before it begins, a member twice and an id twice are refused")
    func contradictions() throws {
        let times = [("notBefore", #""2026-02-01T00:00:00Z""#), ("expiresAt", #""2026-02-01T00:00:00Z""#)]
        #expect(try #require(fault(Self.document(Self.key(times)))).contains("ends (expiresAt) before it begins"))
        let twice = Self.key().dropLast() + #","caller":"other"}"#
        #expect(try #require(fault(Self.document(String(twice)))).contains(#"has "caller" more than once"#))
        let ids = try #require(fault(Self.document(Self.key(), Self.key([("id", #""abcdefgi""#)]), Self.key())))
        #expect(ids == "keys[2].id: abcdefgh is the id of keys[0] too")
    }

    @Test("all problems are told together, up to a bound; none shows a digest or more than a name")
    func bounded() throws {
        let bad = Self.key([("rights", #"["x"]"#)])
        let text = try #require(fault(Self.document((0..<50).map { _ in bad }.joined(separator: ","))))
        #expect(text.hasSuffix("; and more"))
        #expect(!text.contains("abab"))
        let long = try #require(fault(Self.document(Self.key([(String(repeating: "m", count: 500), "1")]))))
        #expect(long.utf8.count < 200)
        let wild = try #require(fault(Self.document(Self.key([("\\u001b[31m\\n", "1")]))))
        #expect(!wild.contains("\u{1B}") && !wild.contains("\n"))
    }

    @Test("every document that is cut off anywhere is refused")
    func cut() {
        let text = Self.document(Self.key(), Self.key([("id", #""abcdefgi""#), ("comment", #""é\u00e9""#)]))
        let bytes = Array(text.utf8)
        for end in bytes.indices {
            #expect(throws: KeyRingFault.self) { try KeyRingDocument(Array(bytes[..<end])) }
        }
    }

    @Test("values that stand deep in one another end nothing")
    func depth() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(fault(#"{"version":1,"keys":[],"x":\#(deep)}"#)?.contains("too deep") == true)
    }
}
