import JSONText
import NIOCore

/// The body of a `POST …/token`: `{"tokenValidityInSeconds": 3600, "reuseIfValidForSeconds": 1800}`, every member optional.
struct CreateTokenBody: Equatable {
    var tokenValidityInSeconds: Int?
    var reuseIfValidForSeconds: Int?

    /// How far the configuration lets a validity go.
    struct Bounds: Sendable {
        /// What Google asks of an enrollment token at least; Graph documents no bound of its own.
        static let least = 60

        var greatest: Int
    }

    private enum Member: String, CaseIterable {
        case tokenValidityInSeconds
        case reuseIfValidForSeconds
    }

    static let longestName = 256
    /// A present token may live as long as any that Intune makes.
    static let reuseRange = 1...TokenRules.validityCeiling

    /// Takes exactly one JSON object of known members, each at most once and of its type, and nothing around it.
    ///
    /// - Throws: ``GatewayError`` `body-invalid` or `validity-out-of-range`, naming the member where there is one.
    init(_ body: ByteBuffer?, bounds: Bounds) throws(GatewayError) {
        guard let body, body.readableBytes > 0 else { return }
        var scanner = JSONScanner(Array(body.readableBytesView), longestString: Self.longestName)
        guard try Self.parsed({ () throws(JSONFault) in try scanner.kind() }) == .object else {
            throw .body("The body has to be one JSON object.")
        }
        try Self.parsed { () throws(JSONFault) in try scanner.beginObject() }
        while let member = try Self.parsed({ () throws(JSONFault) in try scanner.nextMember() }) {
            guard let known = Member(rawValue: member) else {
                let name = InputName.safe(member)
                let members = Member.allCases.map(\.rawValue).joined(separator: " and ")
                throw .body("The body has the unknown member \"\(name)\". Known are: \(members).", member: name)
            }
            switch known {
            case .tokenValidityInSeconds:
                let range = Bounds.least...bounds.greatest
                try Self.read(known, &tokenValidityInSeconds, in: range, &scanner)
            case .reuseIfValidForSeconds:
                try Self.read(known, &reuseIfValidForSeconds, in: Self.reuseRange, &scanner)
            }
        }
        try Self.parsed { () throws(JSONFault) in try scanner.end() }
    }

    private static func read(
        _ member: Member,
        _ value: inout Int?,
        in range: ClosedRange<Int>,
        _ scanner: inout JSONScanner
    ) throws(GatewayError) {
        let name = member.rawValue
        guard value == nil else { throw .body("The member is given more than once.", member: name) }
        let number: JSONScanner.Number
        do throws(JSONFault) {
            number = try scanner.kind() == .number ? scanner.number() : .other
        } catch {
            throw notInteger(name)
        }
        guard case .integer(let integer) = number else { throw notInteger(name) }
        // An integer that does not fit is out of range like any other.
        guard let integer, range.contains(integer) else {
            throw GatewayError(
                .validityOutOfRange,
                "\(name) must be from \(range.lowerBound) to \(range.upperBound).",
                member: name
            )
        }
        value = integer
    }

    private static func notInteger(_ name: String) -> GatewayError {
        .body(
            "\(name) must be a whole number, written without quotation marks, fraction or exponent.",
            member: name
        )
    }

    /// What is read, or the fault in a sentence.
    private static func parsed<Value>(_ read: () throws(JSONFault) -> Value) throws(GatewayError) -> Value {
        do throws(JSONFault) {
            return try read()
        } catch {
            throw .body(
                "The body is not valid JSON: at its line \(error.line), column \(error.column), \(error.reason)."
            )
        }
    }
}

extension GatewayError {
    static func body(_ detail: String, member: String? = nil) -> GatewayError {
        GatewayError(.bodyInvalid, detail, member: member)
    }
}
