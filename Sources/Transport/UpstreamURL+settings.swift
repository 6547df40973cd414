package import Settings

extension SettingsReader {
    /// An upstream's URL: https, or http on a loopback address. `nil` when none is given, or when what is given is wrong and
    /// noted.
    ///
    /// - Parameters:
    ///   - scheme: what a bare host name gets in front; `nil` where none is accepted.
    ///   - allowingPlainHTTP: for a proxy.
    package func upstreamURL(_ name: String, scheme: String? = nil, allowingPlainHTTP: Bool = false) -> UpstreamURL? {
        guard var text = text(name) else { return nil }
        if let scheme, !text.contains("://") { text = scheme + "://" + text }
        do {
            return try UpstreamURL(text, allowingPlainHTTP: allowingPlainHTTP)
        } catch {
            report(name, error.rawValue, fix: "Give an absolute URL such as https://example.com")
            return nil
        }
    }
}
