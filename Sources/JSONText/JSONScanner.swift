/// Reads a JSON text (RFC 8259) strictly, value by value, in the order in which it was written.
///
/// Ours because no decoder at hand refuses what must be refused here: two members of one name, text after the value, a number
/// that was rounded. Who reads decides what may come, so that nothing is kept that nobody asked for, and each fault has a place.
package struct JSONScanner: Sendable {
    /// What the next value is.
    package enum Kind: String, Sendable {
        case object, array, string, number, boolean, null
    }

    package enum Number: Sendable, Equatable {
        /// `nil`: one that does not fit into 64 bits.
        case integer(Int?)
        /// With a fraction or an exponent.
        case other
    }

    /// Values inside of one another, at most, in what is skipped.
    static let greatestDepth = 32

    private let bytes: [UInt8]
    private let longestString: Int
    private var position = 0
    /// The next member or element is its container's first.
    private var isFirst = true

    /// - Parameter longestString: in UTF-8 bytes; a longer one is a fault.
    package init(_ bytes: [UInt8], longestString: Int) {
        self.bytes = bytes
        self.longestString = longestString
    }

    // MARK: Values

    /// Says what comes next, without taking it.
    package mutating func kind() throws(JSONFault) -> Kind {
        skipWhitespace()
        switch peek {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), (0x30...0x39)?: return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case nil: throw fault("it ends where a value belongs")
        default:
            if bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]) { throw fault("it begins with a byte-order mark") }
            throw fault("this is no value")
        }
    }

    package mutating func beginObject() throws(JSONFault) { try begin("{", "an object") }

    /// The next member's name, whose value has to be read before the next call; `nil` after the last.
    package mutating func nextMember() throws(JSONFault) -> String? {
        guard try next(before: "}") else { return nil }
        guard peek == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
        let name = try string()
        skipWhitespace()
        guard take(":") else { throw fault("a colon is missing") }
        return name
    }

    package mutating func beginArray() throws(JSONFault) { try begin("[", "an array") }

    /// Whether there is another element, which has to be read before the next call.
    package mutating func nextElement() throws(JSONFault) -> Bool { try next(before: "]") }

    package mutating func string() throws(JSONFault) -> String {
        skipWhitespace()
        guard take("\"") else { throw fault("a string is missing") }
        let begin = position
        // Most have nothing to replace.
        while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        var content = Array(bytes[begin..<position])
        while let byte = peek {
            guard content.count <= longestString else { throw fault("a string is longer than \(longestString) bytes") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw fault("it is not valid UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content += try escape()
            case ..<0x20: throw fault("a control character stands in a string")
            default: content.append(byte)
            }
        }
        throw fault("it ends inside a string")
    }

    /// `-?(0|[1-9][0-9]*)`; one with a fraction or an exponent is no integer as it is written.
    package mutating func number() throws(JSONFault) -> Number {
        skipWhitespace()
        let begin = position
        _ = take("-")
        let digits = takeDigits()
        guard digits == 1 || digits > 1 && bytes[position - digits] != UInt8(ascii: "0") else {
            throw fault("this is no number")
        }
        var isInteger = true
        if take(".") {
            isInteger = false
            guard takeDigits() > 0 else { throw fault("this is no number") }
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            guard takeDigits() > 0 else { throw fault("this is no number") }
        }
        guard endsWord else { throw fault("this is no number") }
        guard isInteger else { return .other }
        return .integer(Int(String(decoding: bytes[begin..<position], as: UTF8.self)))
    }

    package mutating func boolean() throws(JSONFault) -> Bool {
        skipWhitespace()
        if take(word: "true") { return true }
        guard take(word: "false") else { throw fault("this is neither true nor false") }
        return false
    }

    package mutating func null() throws(JSONFault) {
        skipWhitespace()
        guard take(word: "null") else { throw fault("this is no value") }
    }

    /// Takes one value, whatever it is.
    package mutating func skip() throws(JSONFault) { try skip(depth: 0) }

    private mutating func skip(depth: Int) throws(JSONFault) {
        guard depth < Self.greatestDepth else { throw fault("values stand too deep in one another") }
        switch try kind() {
        case .object:
            try beginObject()
            while try nextMember() != nil { try skip(depth: depth + 1) }
        case .array:
            try beginArray()
            while try nextElement() { try skip(depth: depth + 1) }
        case .string: _ = try string()
        case .number: _ = try number()
        case .boolean: _ = try boolean()
        case .null: try null()
        }
    }

    /// Nothing may follow the value.
    package mutating func end() throws(JSONFault) {
        skipWhitespace()
        guard position == bytes.count else { throw fault("there is text after its end") }
    }

    /// - Parameter reason: the middle of a sentence whose subject is the text.
    package func fault(_ reason: String) -> JSONFault {
        let before = bytes[..<min(position, bytes.count)]
        let lineBegin = (before.lastIndex(of: 0x0A) ?? -1) + 1
        return JSONFault(
            reason: reason,
            line: before.count { $0 == 0x0A } + 1,
            column: before.count - lineBegin + 1
        )
    }

    // MARK: Characters

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let expected = Array(word.description.utf8)
        guard bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        guard endsWord else {
            position -= expected.count
            return false
        }
        return true
    }

    private mutating func takeDigits() -> Int {
        let begin = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        return position - begin
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// Whether what comes next may follow a number or a word: `60x` is no number, though it begins with one.
    private var endsWord: Bool {
        switch peek {
        case nil, 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): true
        default: false
        }
    }

    private mutating func begin(_ bracket: Unicode.Scalar, _ what: String) throws(JSONFault) {
        skipWhitespace()
        guard take(bracket) else { throw fault("\(what) is missing") }
        isFirst = true
    }

    /// Whether another member or element follows; takes the comma before it, or the closing bracket.
    private mutating func next(before bracket: Unicode.Scalar) throws(JSONFault) -> Bool {
        skipWhitespace()
        defer { isFirst = false }
        if take(bracket) { return false }
        guard !isFirst else { return true }
        guard take(",") else { throw fault("a comma or a closing bracket is missing") }
        skipWhitespace()
        return true
    }

    /// What stands behind a reverse solidus, in UTF-8.
    private mutating func escape() throws(JSONFault) -> [UInt8] {
        guard let byte = peek else { throw fault("it ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try scalar())).utf8)
        default: throw fault("there is no such escape")
        }
    }

    private mutating func scalar() throws(JSONFault) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, take("\\"), take("u") else { throw fault("half a surrogate pair stands alone") }
        let low = try codeUnit()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw fault("half a surrogate pair stands alone") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONFault) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw fault("an escape is cut short")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

/// Why a text is not the JSON that it should be, and where.
package struct JSONFault: Error, Sendable, Equatable {
    /// The middle of a sentence whose subject is the text. It quotes nothing of it.
    package var reason: String
    /// Counted from 1.
    package var line: Int
    /// In bytes, counted from 1.
    package var column: Int
}
