/// How a test ends a connection.
package enum Death: CaseIterable, Sendable {
    /// With TLS's goodbye, close_notify.
    case goodbye
    /// TCP's FIN alone.
    case drop
    /// TCP's RST.
    case reset

    /// Those that there are without TLS.
    package static let onTCP: [Death] = [.drop, .reset]
}
