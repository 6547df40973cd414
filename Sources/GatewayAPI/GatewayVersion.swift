/// This program's version: that of the contract it keeps to.
package enum GatewayVersion {
    /// As `info.version` in openapi.yaml, the first line of that name.
    package static let text: String = {
        let prefix = "  version: "
        let line = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
            .split(separator: "\n", maxSplits: 20).first { $0.hasPrefix(prefix) }
        return line.map { String($0.dropFirst(prefix.count)) } ?? "unknown"
    }()
}
