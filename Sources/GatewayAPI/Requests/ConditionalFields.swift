import HTTPTypes

/// `If-…` fields (RFC 9110 §13.1).
enum ConditionalFields {
    private static let names = [
        HTTPField.Name.ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange,
    ]

    /// Nothing here has a validator that a condition could be held against. On a read such a field changes nothing; on what changes
    /// something, to overlook it would do what the caller has made conditional.
    ///
    /// - Throws: ``GatewayError`` `request-invalid` naming the field.
    static func refuse(_ fields: HTTPFields) throws(GatewayError) {
        for name in names where fields.contains(name) {
            throw .invalid(
                "This gateway knows no conditions, since nothing here has an ETag or a time of change. Send the request without \(name.rawName).",
                member: name.rawName
            )
        }
    }
}
