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

    private static let validityMember = "tokenValidityInSeconds"

    /// Takes exactly one JSON object of known members, each at most once and of its type, and nothing around it.
    ///
    /// - Throws: ``GatewayError`` `body-invalid` or `validity-out-of-range`, naming the member where there is one.
    init(_ body: ByteBuffer?, bounds: Bounds) throws(GatewayError) {
        guard let body, body.readableBytes > 0 else { return }
        var scanner = JSONObjectScanner(body)
        try scanner.begin()
        while let member = try scanner.nextMember() {
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
            tokenValidityInSeconds = try Self.validity(try scanner.scalar(of: member), bounds)
        }
        try scanner.end()
    }

    private static func validity(_ value: JSONObjectScanner.Scalar, _ bounds: Bounds) throws(GatewayError) -> Int {
        guard case .integer(let number) = value else {
            throw .body(
                "\(validityMember) must be a whole number, written without quotation marks, fraction or exponent.",
                member: validityMember
            )
        }
        // An integer that does not fit is out of range like any other.
        guard let number, (Bounds.least...bounds.greatest).contains(number) else {
            throw GatewayError(
                .validityOutOfRange,
                "\(validityMember) must be from \(Bounds.least) to \(bounds.greatest).",
                member: validityMember
            )
        }
        return number
    }
}

extension GatewayError {
    static func body(_ detail: String, member: String? = nil) -> GatewayError {
        GatewayError(.bodyInvalid, detail, member: member)
    }
}
