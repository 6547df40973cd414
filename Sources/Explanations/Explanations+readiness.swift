extension Explanations {
    /// What `/readyz` says, less why there is no access token.
    static let readiness: [Explanation] = serving + token + credentialStanding + keyRing + ledger

    private static let serving: [Explanation] = [
        .init(
            .readiness,
            "starting",
            "The gateway has just started: the callers' port is not open yet, or the first access token has not come.",
            .nobody,
            "It passes within STARTUP_LIMIT (10 s). Where it lasts, the log says why there is no access token."
        ),
        .init(
            .readiness,
            "draining",
            "The gateway was told to end. For the time of SHUTDOWN_GRACE it serves those who have not gone elsewhere yet.",
            .nobody,
            "Send requests to another gateway. A second SIGTERM ends the grace."
        ),
        .init(
            .readiness,
            "shutting-down",
            "The gateway ends: it finishes what is in flight and takes no new requests.",
            .nobody,
            "Send requests to another gateway. It takes SHUTDOWN_LIMIT (35 s) and a second at most."
        ),
    ]

    private static let token: [Explanation] = [
        .init(
            .readiness,
            "renewing",
            "Graph has rejected the access token, and another one is being fetched.",
            .nobody,
            "It passes within seconds. Where it comes back, look for the code that Graph gave in the log."
        ),
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
    ]

    private static let credentialStanding: [Explanation] = [
        .init(
            .readiness,
            "expires-soon",
            "The client secret or certificate ends within 30 days.",
            .operator,
            "Have a new one made for the app registration and put it into its file: the gateway takes it over without a restart. The message has the day."
        ),
        .init(
            .readiness,
            "expired",
            "The client secret or certificate has ended. The present access token serves for an hour at most.",
            .operator,
            "Have a new one made for the app registration and put it into its file at once. `kill -HUP` has it tried without delay."
        ),
        .init(
            .readiness,
            "replacement-unusable",
            "The credential's file has changed, and what is in it cannot be used. The one before stays in use.",
            .operator,
            "Mend what the message names. The gateway reads the file again when it changes."
        ),
        .init(
            .readiness,
            "replacement-refused",
            "The credential's file has changed, and Entra refuses what is in it. The one before stays in use.",
            .operator,
            "See whether the new secret or certificate was added to the right app registration. It is tried again by itself; `kill -HUP` has it tried at once."
        ),
    ]

    private static let keyRing: [Explanation] = [
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

    private static let ledger: [Explanation] = [
        .init(
            .readiness,
            "ledger-unavailable",
            "The ledger cannot be written. Reads are answered; nothing is created or revoked.",
            .operator,
            "Mend what the message names: a disk that is full or read-only, missing rights, or a database that cannot be reached. It comes back by itself."
        ),
        .init(
            .readiness,
            "settling",
            "The gateway finds out what came of requests that were under way when it was ended by force; none is taken meanwhile.",
            .nobody,
            "It passes within 20 s. A creation is looked for by reading its profile, so Graph has to be reachable."
        ),
        .init(
            .readiness,
            "audit-log-unwritable",
            "The file of AUDIT_LOG_PATH cannot be written. Up to 10,000 records wait for it; those beyond are missing in it, though not in the ledger.",
            .operator,
            "Mend what the message names. It is tried again every second."
        ),
    ]
}
