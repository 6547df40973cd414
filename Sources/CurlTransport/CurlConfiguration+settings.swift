package import Settings
import Transport

extension CurlConfiguration {
    /// Reads `UPSTREAM_CA_PATH` and `UPSTREAM_PROXY`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        self.init(
            certificateAuthoritiesPath: settings.text("UPSTREAM_CA_PATH"),
            proxy: settings.upstreamURL("UPSTREAM_PROXY", scheme: "http", allowingPlainHTTP: true)
        )
        guard let path = certificateAuthoritiesPath, let reason = CurlLibrary.faultOfExtraTrust(at: path) else {
            return
        }
        settings.report(
            "UPSTREAM_CA_PATH",
            "the certificate file \(path) cannot be used as extra trust: \(reason)",
            fix: "Give a PEM file of certificates"
        )
    }
}
