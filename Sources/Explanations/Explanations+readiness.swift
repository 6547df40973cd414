extension Explanations {
    /// What `/readyz` says of the access token's roles, and of the key ring.
    static let readiness: [Explanation] = [
        .init(
            .readiness,
            "permission-missing",
            "The access token lacks the role DeviceManagementConfiguration.ReadWrite.All: the permission was not added, was added as a delegated one, or nobody consented to it.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions > Add a permission > Microsoft Graph > Application permissions > DeviceManagementConfiguration.ReadWrite.All, then Grant admin consent. The gateway sees it with the next access token, within five minutes."
        ),
        .init(
            .readiness,
            "permission-excessive",
            "The app may do more than the gateway needs, and so could whoever steals its credential.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions: remove all but DeviceManagementConfiguration.ReadWrite.All. `enrollment-gateway doctor` lists the others."
        ),
        .init(
            .readiness,
            "permission-unreadable",
            "The access token does not show its roles. It may be good all the same; Graph's answer tells.",
            .nobody,
            "Nothing is to be done. `enrollment-gateway doctor --profile ID --create` proves whether the roles suffice."
        ),
        .init(
            .readiness,
            "key-ring-unusable",
            "The key ring's file is gone, broken, too large or cannot be read. The keys that were read before stay in force; changes since then do not count.",
            .operator,
            "Mend what the message and the log name, or put the last good file back. The gateway takes it over within a second."
        ),
        .init(
            .readiness,
            "no-key-in-force",
            "No key is valid now: each is revoked, has ended or is not valid yet, so that all callers are refused.",
            .operator,
            "Make a key: enrollment-gateway keys new --caller NAME --right token:create --profile ID."
        ),
    ]
}
