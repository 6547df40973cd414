import Foundation
import Graph
import Settings
import Testing
import Transport

@testable import KeyRing

@Suite("The key ring's JSON Schema")
struct KeyRingSchemaTests {
    private let schema: JSONSchema

    init() throws { schema = try JSONSchema(KeyRingSchema.text) }

    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    private func isGood(_ text: String) -> (schema: Bool, code: Bool) {
        let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        return (value.map { schema.allows($0) } ?? false, (try? KeyRingDocument(Array(text.utf8))) != nil)
    }

    @Test("its members, and those that have to be there, are those of the code")
    func members() throws {
        let key = try #require(schema.definition("key"))
        #expect(
            Set((key["properties"] as? [String: Any] ?? [:]).keys) == Set(KeyFields.Member.allCases.map(\.rawValue))
        )
        #expect(Set(key["required"] as? [String] ?? []) == Set(KeyFields.Member.required.map(\.rawValue)))
    }

    @Test("what the commands write keeps to it")
    func written() throws {
        var document = KeyRingDocument(schema: KeyRingDocument.schemaName)
        let grants = [
            KeyGrant.everything,
            KeyGrant(
                rights: [.createToken],
                profiles: .some([profile.id]),
                kinds: [.deviceOwner],
                greatestValidity: 3600
            ),
        ]
        for grant in grants {
            var order = KeyOrder(caller: "portal", grant: grant, comment: "é")
            order.rate = CallerRate(SettingRate(count: 10, interval: .milliseconds(500)), burst: 20)
            order.notBefore = start
            order.expiresAt = start + day
            let new = try document.add(order, at: start)
            _ = try document.rotate(new.key.id, overlap: day, at: start)
            _ = try document.revoke(new.key.id, at: start)
        }
        #expect(isGood(document.text) == (true, true))
        #expect(isGood(KeyRingDocument().text) == (true, true))
    }

    @Test(
        "it and the code agree on each member",
        arguments: [
            (#""id":"abcdefgh""#, true), (#""id":"ABCDEFGH""#, false), (#""id":"abcdefg1""#, false),
            (#""id":5"#, false),
            (#""caller":"a.b_c-1""#, true), (#""caller":"-a""#, false), (#""caller":"a b""#, false),
            (#""digest":"\#(digest)""#, true), (#""digest":"sha256:ab""#, false), (#""lastFour":"abc""#, false),
            (#""rights":["token:create","profile:read"]"#, true), (#""rights":[]"#, false),
            (#""rights":["all"]"#, false),
            (#""profiles":["*"]"#, true), (#""profiles":["*","*"]"#, false), (#""profiles":[]"#, false),
            (#""profiles":["7B1D2C3E-4f50-4a61-9b72-8c93a0b4d5e6"]"#, true), (#""profiles":["x"]"#, false),
            (#""kinds":["device-owner"]"#, true), (#""kinds":["ios"]"#, false), (#""kinds":[]"#, false),
            (#""maxValidityInSeconds":60"#, true), (#""maxValidityInSeconds":59"#, false),
            (#""maxValidityInSeconds":2051244001"#, false), (#""maxValidityInSeconds":"60""#, false),
            (#""rateLimit":"10/1s","burst":1"#, true), (#""burst":1"#, false),
            (#""rateLimit":"10/1s","burst":0"#, false),
            (#""rateLimit":"100000/366d","burst":1000000"#, true), (#""rateLimit":"100001/1s""#, false),
            (#""rateLimit":"01/1s""#, false), (#""rateLimit":"+5/1s""#, false), (#""rateLimit":"5/01s""#, false),
            (#""caller":"egk_x""#, false), (#""comment":"see egk_abcdefgh_""#, true),
            (#""comment":"see egk_abcdefgh_3x""#, false), (#""caller":"default""#, false),
            (#""caller":"default2""#, true),
            (#""rateLimit":"0/1s""#, false), (#""rateLimit":"10/1""#, false), (#""rateLimit":"10/0s""#, false),
            (#""notBefore":"2026-01-01T00:00:00Z""#, true), (#""notBefore":"2026-01-01T00:00:00+02:00""#, true),
            (#""notBefore":"2026-01-01T00:00:00""#, false), (#""notBefore":"2026-01-01""#, false),
            (#""expiresAt":null"#, false),
            (#""comment":"""#, true), (#""comment":5"#, false), (#""unknown":1"#, false),
        ]
    )
    func agreement(members: String, isRight: Bool) {
        var all = [
            "id": #""abcdefgh""#, "caller": #""portal""#, "digest": "\"\(Self.digest)\"",
            "rights": #"["token:create"]"#,
            "profiles": #"["*"]"#, "createdAt": #""2026-01-01T00:00:00Z""#,
        ]
        for name in all.keys where members.contains("\"\(name)\":") { all[name] = nil }
        let text = all.map { "\"\($0)\":\($1)" }.joined(separator: ",")
        #expect(isGood("{\"version\":1,\"keys\":[{\(text),\(members)}]}") == (isRight, isRight))
    }

    @Test(
        "it and the code agree on the document",
        arguments: [
            (#"{"version":1,"keys":[]}"#, true), (#"{"version":2,"keys":[]}"#, false), (#"{"keys":[]}"#, false),
            ("[]", false),
            (#"{"version":1}"#, false), (#"{"version":1,"keys":[],"more":1}"#, false),
            (#"{"version":1,"keys":[{}]}"#, false),
            (#"{"$schema":"x","version":1,"keys":[]}"#, true),
        ]
    )
    func documents(text: String, isRight: Bool) { #expect(isGood(text) == (isRight, isRight)) }
}

/// As much of JSON Schema (draft 2020-12) as the schema uses; a word that it does not know is a mistake of the schema's.
struct JSONSchema {
    private static let notes: Set = ["$schema", "$id", "$defs", "title", "description"]
    private let root: [String: Any]

    init(_ text: String) throws {
        root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    func definition(_ name: String) -> [String: Any]? { (root["$defs"] as? [String: Any])?[name] as? [String: Any] }

    func allows(_ value: Any) -> Bool { allows(value, root) }

    private func allows(_ value: Any, _ schema: [String: Any]) -> Bool {
        schema.allSatisfy { word, rule in
            switch word {
            case _ where Self.notes.contains(word): true
            case "$ref": definition(String((rule as! String).dropFirst("#/$defs/".count))).map { allows(value, $0) }!
            case "type": isOf(rule as! String, value)
            case "const": isSame(value, rule)
            case "enum": (rule as! [Any]).contains { isSame(value, $0) }
            case "not": !allows(value, rule as! [String: Any])
            case "anyOf": (rule as! [[String: Any]]).contains { allows(value, $0) }
            case "required":
                (value as? [String: Any]).map { object in (rule as! [String]).allSatisfy { object[$0] != nil } } ?? true
            case "dependentRequired":
                (value as? [String: Any]).map { object in
                    (rule as! [String: [String]]).allSatisfy {
                        object[$0] == nil || $1.allSatisfy { object[$0] != nil }
                    }
                } ?? true
            case "properties":
                (value as? [String: Any])?.allSatisfy { name, inner in
                    (rule as! [String: [String: Any]])[name].map { allows(inner, $0) } ?? true
                } ?? true
            case "additionalProperties":
                (value as? [String: Any])?.keys.allSatisfy { (schema["properties"] as! [String: Any])[$0] != nil }
                    ?? true
            case "items": (value as? [Any])?.allSatisfy { allows($0, rule as! [String: Any]) } ?? true
            case "minItems": (value as? [Any]).map { $0.count >= rule as! Int } ?? true
            case "maxLength": (value as? String).map { $0.unicodeScalars.count <= rule as! Int } ?? true
            case "pattern":
                (value as? String).map { $0.range(of: rule as! String, options: .regularExpression) != nil } ?? true
            case "minimum": (value as? NSNumber).map { $0.doubleValue >= (rule as! NSNumber).doubleValue } ?? true
            case "maximum": (value as? NSNumber).map { $0.doubleValue <= (rule as! NSNumber).doubleValue } ?? true
            default: preconditionFailure("the schema uses \(word)")
            }
        }
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "integer": (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
        default: preconditionFailure("the schema uses the type \(type)")
        }
    }

    private func isSame(_ value: Any, _ other: Any) -> Bool {
        (value as? NSObject)?.isEqual(other as? NSObject) ?? false
    }
}
