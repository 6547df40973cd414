package import Settings

extension SettingsReader {
    /// An upstream's URL: https, or http on a loopback address. `nil` when none is given, or when what is given is wrong and
    /// noted.
    package func upstreamURL(_ name: String) -> UpstreamURL? {
        guard let text = text(name) else { return nil }
        do {
            return try UpstreamURL(text)
        } catch {
            report(name, error.rawValue, fix: "Give an absolute URL such as https://example.com")
            return nil
        }
    }
}
