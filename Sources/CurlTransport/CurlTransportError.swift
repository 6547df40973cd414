/// Why the transport cannot start. Each describes itself in a sentence for the operator.
package enum CurlTransportError: Error, Sendable, Equatable, CustomStringConvertible {
    case libraryTooOld(version: String, required: String)
    /// `feature` as `curl --version` spells it.
    case featureMissing(String, version: String)
    /// The file of extra trust cannot be used.
    case certificateAuthorities(path: String, reason: String)
    /// An option or a resource was refused; `detail` is libcurl's or the system's word.
    case cannotStart(detail: String)

    package var description: String {
        switch self {
        case .libraryTooOld(let version, let required):
            "libcurl \(version) is too old: version \(required) or later is needed. Update the system's libcurl."
        case .featureMissing(let feature, let version):
            "libcurl \(version) was built without \(feature), which is needed. Install a libcurl that has it."
        case .certificateAuthorities(let path, let reason):
            "The certificate file \(path) cannot be used as extra trust: \(reason)."
        case .cannotStart(let detail):
            "libcurl could not be started: \(detail)."
        }
    }
}
