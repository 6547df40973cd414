package import HTTPTypes

/// The challenges of `WWW-Authenticate` (RFC 9110 §11.6.1), as far as claims are asked for.
///
/// There may be several fields, and several challenges in each; parameters come in any order. What is not understood is passed
/// over: a field that cannot be read means no more than a 401 without it.
struct BearerChallenge {
    /// Of the first Bearer challenge that is about claims.
    let claims: ClaimsChallenge

    init?(_ fields: HTTPFields) {
        for value in fields[values: .wwwAuthenticate] {
            var reader = ChallengeReader(value)
            while let challenge = reader.next() {
                guard challenge.scheme == "bearer", challenge.parameters["error"] == "insufficient_claims",
                    let claims = challenge.parameters["claims"].flatMap(ClaimsChallenge.init(base64:))
                else { continue }
                self.claims = claims
                return
            }
        }
        return nil
    }
}

extension ClaimsChallenge {
    /// The claims that a 401 asks for, if it does.
    package init?(wwwAuthenticate fields: HTTPFields) {
        guard let challenge = BearerChallenge(fields) else { return nil }
        self = challenge.claims
    }
}

/// Takes one field value apart, challenge by challenge.
private struct ChallengeReader {
    struct Challenge {
        /// In lower case.
        let scheme: String
        /// By their names in lower case; of a name that comes twice the first.
        var parameters: [String: String] = [:]
    }

    /// Longer ones are not read on.
    private static let maximumBytes = 32 << 10

    private var rest: Substring.UTF8View
    private var pendingScheme: String?

    init(_ value: String) { rest = value.utf8.prefix(Self.maximumBytes) }

    /// The next challenge. A word is a scheme unless `=` follows it.
    mutating func next() -> Challenge? {
        guard let scheme = pendingScheme ?? word() else { return nil }
        pendingScheme = nil
        var challenge = Challenge(scheme: scheme.lowercased())
        while let name = word() {
            skip { $0 == 0x20 || $0 == 0x09 }
            guard rest.first == UInt8(ascii: "=") else {
                pendingScheme = name
                break
            }
            rest = rest.dropFirst()
            skip { $0 == 0x20 || $0 == 0x09 }
            let value = rest.first == UInt8(ascii: "\"") ? quoted() : take { !Self.isSeparator($0) }
            challenge.parameters[name.lowercased()] = challenge.parameters[name.lowercased()] ?? value
        }
        return challenge
    }

    /// The next run of bytes that separate nothing; `nil` at the end.
    private mutating func word() -> String? {
        skip { Self.isSeparator($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\"") }
        let word = take { !Self.isSeparator($0) && $0 != UInt8(ascii: "=") }
        return word.isEmpty ? nil : word
    }

    /// A quoted-string (RFC 9110 §5.6.4). One that does not end goes to the end of the field.
    private mutating func quoted() -> String {
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            bytes.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func skip(while predicate: (UInt8) -> Bool) { rest = rest.drop(while: predicate) }

    private mutating func take(while predicate: (UInt8) -> Bool) -> String {
        let taken = rest.prefix(while: predicate)
        rest = rest[taken.endIndex...]
        return String(decoding: taken, as: UTF8.self)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ",")
    }
}
