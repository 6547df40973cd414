import HTTPTypes

/// The parameters of `createToken`.
enum ActionBody {
    /// `tokenValidityInSeconds`, an Edm.Int32. Microsoft's schema does not require it; one that is missing is 0.
    ///
    /// - Throws: Graph's 400 for a body that is not JSON, an unknown parameter, or a value that is no Int32.
    static func validity(in request: SandboxRequest) throws(GraphRefusal) -> Int32 {
        guard isJSON(request.head.headerFields[.contentType]),
            case .object(let members) = JSONValue(parsing: request.body)
        else {
            throw .badRequest(
                """
                Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON \
                format.
                """
            )
        }
        var validity: Int32 = 0
        for member in members {
            guard member.name == "tokenValidityInSeconds" else {
                throw .badRequest(
                    """
                    The parameter '\(member.name)' in the request payload is not a valid parameter for the operation \
                    'createToken'.
                    """
                )
            }
            guard case .integer(let number) = member.value, let value = Int32(exactly: number) else {
                throw .badRequest("Cannot convert the literal '\(member.value.text)' to the expected type 'Edm.Int32'.")
            }
            validity = value
        }
        return validity
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " } == "application/json"
    }
}
