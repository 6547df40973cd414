import JSONText
import NIOCore

/// The body of a `POST …/token`: `{"tokenValidityInSeconds": 3600}`, every member optional.
struct CreateTokenBody: Equatable {
    var tokenValidityInSeconds: Int?

    /// How far the configuration lets a validity go.
    struct Bounds: Sendable {
        /// What Google asks of an enrollment token at least; Graph documents no bound of its own.
        static let least = 60

        var greatest: Int
    }

    static let longestName = 256
    private static let validityMember = "tokenValidityInSeconds"

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
            guard member == Self.validityMember else {
                let name = InputName.safe(member)
                throw .body(
                    "The body has the unknown member \"\(name)\". Known is: \(Self.validityMember).",
                    member: name
                )
            }
            guard tokenValidityInSeconds == nil else {
                throw .body("The member is given more than once.", member: member)
            }
            tokenValidityInSeconds = try Self.validity(&scanner, bounds)
        }
        try Self.parsed { () throws(JSONFault) in try scanner.end() }
    }

    private static func validity(_ scanner: inout JSONScanner, _ bounds: Bounds) throws(GatewayError) -> Int {
        let number: JSONScanner.Number
        do throws(JSONFault) {
            number = try scanner.kind() == .number ? scanner.number() : .other
        } catch {
            throw notInteger
        }
        guard case .integer(let integer) = number else { throw notInteger }
        // An integer that does not fit is out of range like any other.
        guard let integer, (Bounds.least...bounds.greatest).contains(integer) else {
            throw GatewayError(
                .validityOutOfRange,
                "\(validityMember) must be from \(Bounds.least) to \(bounds.greatest).",
                member: validityMember
            )
        }
        return integer
    }

    private static let notInteger = GatewayError.body(
        "\(validityMember) must be a whole number, written without quotation marks, fraction or exponent.",
        member: validityMember
    )

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
