package import Settings
import Transport

extension CurlConfiguration {
    /// Reads `UPSTREAM_CA_PATH` and `UPSTREAM_PROXY`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        self.init(
            certificateAuthoritiesPath: settings.text("UPSTREAM_CA_PATH"),
            proxy: settings.upstreamURL("UPSTREAM_PROXY", scheme: "http", allowingPlainHTTP: true)
        )
        guard let path = certificateAuthoritiesPath else { return }
        do {
            try CurlLibrary.checkExtraTrust(at: path)
        } catch {
            // Its sentence is the middle of one here.
            let reason = error.description.hasSuffix(".") ? String(error.description.dropLast()) : error.description
            settings.report("UPSTREAM_CA_PATH", reason, fix: "Give a PEM file of certificates")
        }
    }
}
