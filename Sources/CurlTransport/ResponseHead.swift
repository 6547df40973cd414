import HTTPTypes

/// The head of an answer, put together line by line as libcurl hands them over.
///
/// Informational heads (RFC 9110 §15.2) are read and dropped. Lines after the final head are trailers, and are dropped too.
struct ResponseHead {
    /// All lines of all heads and trailers together.
    static let maximumBytes = 64 << 10

    enum Fault: String, Error {
        case tooLarge = "the answer's header section is larger than 64 KiB"
        case status = "the answer's status line is not one"
        case field = "a line of the answer's header section is not a field"
        case contentLength = "the answer's Content-Length is not one number"
    }

    private(set) var status: HTTPResponse.Status?
    private(set) var fields = HTTPFields()
    private(set) var contentLength: Int?
    /// The final head is here, its empty line included.
    private(set) var isComplete = false
    private(set) var byteCount = 0

    /// Takes one line, its line end included.
    ///
    /// - Throws: ``Fault`` when the line cannot be part of a head.
    mutating func append(line: some BidirectionalCollection<UInt8>) throws(Fault) {
        byteCount += line.count
        guard byteCount <= Self.maximumBytes else { throw .tooLarge }
        guard !isComplete else { return }
        let end = line.lastIndex { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        guard let end else { return try endHead() }
        let text = line[...end]
        if status == nil {
            status = try Self.status(of: text)
        } else {
            try appendField(text)
        }
    }

    private mutating func endHead() throws(Fault) {
        guard let status else { throw .status }
        if status.kind == .informational {
            self.status = nil
            fields = HTTPFields()
            contentLength = nil
        } else {
            isComplete = true
        }
    }

    private mutating func appendField(_ text: some BidirectionalCollection<UInt8>) throws(Fault) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: text[..<colon], as: UTF8.self))
        else { throw .field }
        let value = text[text.index(after: colon)...]
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = value.firstIndex(where: { !isSpace($0) }), let last = value.lastIndex(where: { !isSpace($0) })
        else {
            fields.append(HTTPField(name: name, value: ""))
            return
        }
        let trimmed = value[first...last]
        guard HTTPField.isValidValue(trimmed) else { throw .field }
        if name == .contentLength { try noteContentLength(trimmed) }
        fields.append(HTTPField(name: name, value: trimmed))
    }

    /// RFC 9110 §8.6: digits only, and two of them must agree.
    private mutating func noteContentLength(_ text: some Collection<UInt8>) throws(Fault) {
        guard text.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let length = Int(String(decoding: text, as: UTF8.self)),
            contentLength == nil || contentLength == length
        else { throw .contentLength }
        contentLength = length
    }

    /// `HTTP/1.1 204 No Content`; HTTP/2 has it as `HTTP/2 204 `.
    private static func status(of text: some BidirectionalCollection<UInt8>) throws(Fault) -> HTTPResponse.Status {
        guard text.starts(with: "HTTP/".utf8), let space = text.firstIndex(of: UInt8(ascii: " ")) else { throw .status }
        let rest = text[text.index(after: space)...]
        let digits = rest.prefix { $0 != UInt8(ascii: " ") }
        guard digits.count == 3, let code = Int(String(decoding: digits, as: UTF8.self)), code >= 100 else {
            throw .status
        }
        let reason = rest.dropFirst(4)
        return HTTPResponse.Status(code: code, reasonPhrase: String(decoding: reason, as: UTF8.self))
    }
}
