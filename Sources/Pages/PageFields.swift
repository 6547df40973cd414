package import HTTPTypes
package import PageTexts

/// The header fields of pages for people.
package enum PageFields {
    /// Nothing of another origin, nothing inline, no frame around it. A QR code that a script has fetched is a `blob:`.
    package static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    package static func page(_ language: PageLanguage) -> HTTPFields {
        var fields = common
        fields[.contentType] = "text/html; charset=utf-8"
        fields[.contentLanguage] = language.rawValue
        fields[.vary] = "Accept-Language"
        fields[.cacheControl] = "no-store"
        return fields
    }

    package static func asset(_ asset: PageAsset) -> HTTPFields {
        var fields = common
        fields[.contentType] = asset.mediaType
        // Its name is another one when its content is (RFC 8246).
        fields[.cacheControl] = "public, max-age=31536000, immutable"
        return fields
    }

    private static let common: HTTPFields = [
        .contentSecurityPolicy: contentSecurityPolicy,
        .xContentTypeOptions: "nosniff",
        .init("Referrer-Policy")!: "no-referrer",
        .init("Cross-Origin-Opener-Policy")!: "same-origin",
        .init("Cross-Origin-Resource-Policy")!: "same-origin",
        .init("X-Frame-Options")!: "DENY",
    ]
}
