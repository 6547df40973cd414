import Settings
import Testing

@testable import KeyRing

@Suite("APIKey")
struct APIKeyTests {
    /// Counts up, so that keys come out the same each time.
    private struct Counter: RandomNumberGenerator {
        var value: UInt64 = 0

        mutating func next() -> UInt64 {
            value &+= 0x9E37_79B9_7F4A_7C15
            return value
        }
    }

    private func text(_ key: APIKey) -> String { key.reveal { $0 } }

    @Test("a key is egk_, an id in base 32, and 49 characters in base 62")
    func form() throws {
        for _ in 0..<200 {
            let text = text(.random())
            #expect(text.utf8.count == APIKey.length)
            #expect(text.wholeMatch(of: /egk_[a-z2-7]{8}_[0-9A-Za-z]{49}/) != nil)
        }
        #expect(APIKey.length == 62)
    }

    @Test("each one is another, and its id is in it")
    func random() {
        let keys = (0..<500).map { _ in APIKey.random() }
        #expect(Set(keys.map(text)).count == 500)
        for key in keys { #expect(text(key).hasPrefix("egk_\(key.id)_")) }
    }

    @Test("the checksum is zlib's CRC-32 of what stands before it, in base 62")
    func checksum() {
        // python3 -c 'import zlib; print(zlib.crc32(b"123456789"))'
        #expect(CRC32.of(Array("123456789".utf8)[...]) == 0xCBF4_3926)
        #expect(String(decoding: Base62.text(of: 0xCBF4_3926 as UInt32, length: 6), as: UTF8.self) == "3jZRME")
        #expect(String(decoding: Base62.text(of: UInt32.max, length: 6), as: UTF8.self) == "4gfFC3")
        #expect(String(decoding: Base62.text(of: 0 as UInt32, length: 6), as: UTF8.self) == "000000")
    }

    @Test("32 bytes have 43 digits, whatever they are")
    func secrets() {
        let zero = Base62.text(of: [UInt8](repeating: 0, count: 32), length: 43)
        #expect(String(decoding: zero, as: UTF8.self) == String(repeating: "0", count: 43))
        // 62^43 is above 2^256, so that nothing is lost: the greatest number has its own text.
        let greatest = Base62.text(of: [UInt8](repeating: 255, count: 32), length: 43)
        #expect(greatest.first != UInt8(ascii: "0"))
        #expect(String(decoding: Base62.text(of: [0, 61], length: 2), as: UTF8.self) == "0z")
        #expect(String(decoding: Base62.text(of: [0, 62], length: 2), as: UTF8.self) == "10")
    }

    @Test("a wrong, missing or further character is noticed, wherever it stands")
    func typos() {
        var source = Counter()
        let key = APIKey.random(using: &source)
        let text = Array(text(key).utf8)
        #expect(APIKey.shape(of: text) == .key(key.id))
        for index in text.indices.dropFirst(4) {
            for other in [UInt8(ascii: "x"), UInt8(ascii: "7"), UInt8(ascii: "_"), 0, 0x20, 0xFF]
            where other != text[index] {
                var typo = text
                typo[index] = other
                #expect(APIKey.shape(of: typo) == .damaged, "at \(index)")
            }
            var shorter = text
            shorter.remove(at: index)
            #expect(APIKey.shape(of: shorter) == .damaged)
            var longer = text
            longer.insert(UInt8(ascii: "a"), at: index)
            #expect(APIKey.shape(of: longer) == .damaged)
        }
        for index in text.indices.dropLast().dropFirst(4) where text[index] != text[index + 1] {
            var swapped = text
            swapped.swapAt(index, index + 1)
            #expect(APIKey.shape(of: swapped) == .damaged, "at \(index)")
        }
    }

    @Test(
        "a text that does not begin as a key is no key",
        arguments: ["", "egk", "egk-abcdefgh_1", "EGK_abcdefgh_", "sandbox-key"]
    )
    func others(text: String) { #expect(APIKey.shape(of: Array(text.utf8)) == .other) }

    @Test("ids are read as they are written")
    func ids() {
        for _ in 0..<200 {
            let id = APIKey.random().id
            #expect(KeyID(id.description) == id)
        }
        for text in ["", "abcdefg", "abcdefghi", "abcdefg1", "ABCDEFGH", "abcdefg8", "abcdefgé"] {
            #expect(KeyID(text) == nil)
        }
    }

    @Test("a text is shown without the secrets of the keys in it")
    func masked() {
        let key = APIKey.random()
        #expect(APIKey.masked(in: "a \(key.text), b \(key.text)x") == "a egk_\(key.id)_… b egk_\(key.id)_…")
        #expect(APIKey.masked(in: String(key.text.dropLast(30))) == "egk_\(key.id)_…")
        let damaged = key.text.prefix(20) + "-" + key.text.dropFirst(21)
        #expect(APIKey.masked(in: "'\(damaged)' \"\(damaged)\"") == "'egk_\(key.id)_…' \"egk_\(key.id)_…\"")
        #expect(APIKey.masked(in: "egk_" + key.text.dropFirst(13)) == "egk_…")
        #expect(APIKey.masked(in: "egk_\u{301}" + key.text.dropFirst(4)) == "egk_…")
        for text in ["", "egk_", "egk_abcdefgh", "egk_abcdefgh_", "egk", "é egk_é"] {
            #expect(APIKey.masked(in: text) == text)
        }
    }

    @Test("nothing shows a key: not printing, dumping or reflecting on it")
    func secrecy() {
        let key = APIKey.random()
        let secret = text(key).dropFirst(13)
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, "\(NewKey(key: key, entry: .sample(key)))"] {
            #expect(!shown.contains(secret))
        }
    }
}

@Suite("KeyDigest")
struct KeyDigestTests {
    @Test("it is SHA-256, and its text is read back")
    func text() throws {
        let digest = KeyDigest(of: Array("abc".utf8))
        // FIPS 180-2, appendix B.1.
        #expect("\(digest)" == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try #require(KeyDigest(digest.description)).matches(digest))
    }

    @Test("one bit makes another", arguments: 0..<32)
    func difference(byte: Int) throws {
        let digest = KeyDigest(of: Array("abc".utf8))
        var text = Array(digest.description.utf8)
        let index = 7 + byte * 2
        text[index] = text[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        #expect(try !#require(KeyDigest(String(decoding: text, as: UTF8.self))).matches(digest))
    }

    @Test(
        "what is no digest is none",
        arguments: [
            "", "sha256:", "sha256:12", "sha1:" + String(repeating: "a", count: 64),
            "sha256:" + String(repeating: "A", count: 64), "sha256:" + String(repeating: "g", count: 64),
            "sha256:" + String(repeating: "a", count: 66), "sha256:" + String(repeating: "é", count: 32),
        ]
    )
    func bad(text: String) { #expect(KeyDigest(text) == nil) }
}
