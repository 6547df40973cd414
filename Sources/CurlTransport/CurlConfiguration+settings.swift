package import Settings
import Transport

extension CurlConfiguration {
    /// Reads `UPSTREAM_CA_PATH` and `UPSTREAM_PROXY`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        self.init(
            certificateAuthoritiesPath: settings.text("UPSTREAM_CA_PATH"),
            proxy: settings.upstreamURL("UPSTREAM_PROXY", scheme: "http", allowingPlainHTTP: true)
        )
        if let certificateAuthoritiesPath {
            Self.check(certificateAuthoritiesPath, givenBy: "UPSTREAM_CA_PATH", settings)
        }
    }

    /// Looks whether the file can be used as extra trust; what is wrong is noted in `settings`.
    package static func check(_ path: String, givenBy name: String, _ settings: SettingsReader) {
        guard let reason = CurlLibrary.faultOfExtraTrust(at: path) else { return }
        settings.report(
            name,
            "the certificate file \(path) cannot be used as extra trust: \(reason)",
            fix: "Give a PEM file of certificates"
        )
    }
}
