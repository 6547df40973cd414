package import Settings

/// One of the app's client secrets.
package struct SandboxClientSecret: Sendable {
    package var value: Secret
    /// nil: it has no end.
    package var expiresAt: SandboxInstant?

    package init(_ value: Secret, expiresAt: SandboxInstant? = nil) {
        self.value = value
        self.expiresAt = expiresAt
    }
}
