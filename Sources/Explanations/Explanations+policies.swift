extension Explanations {
    private static let exclude =
        "Entra admin center > Monitoring > Sign-in logs > Service principal sign-ins names the policy. Exclude the app from it, or correct the policy."

    /// AADSTS codes of Conditional Access and the security policies.
    static let policies: [Explanation] = [
        .init(
            .entra,
            "AADSTS53003",
            "A Conditional Access policy blocks the app; for apps that is a matter of the address they come from, or of risk.",
            .entraAdministrator,
            exclude + " An allowed location must contain the gateway's outgoing address."
        ),
        .init(
            .entra,
            "AADSTS53000",
            aliases: ["AADSTS53005", "AADSTS53006", "AADSTS53007", "AADSTS53008", "AADSTS53009"],
            "A Conditional Access policy wants something of a device or an app that a service does not have, such as compliance.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS53001",
            "A Conditional Access policy wants a device that is joined to the domain.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS53002",
            "A Conditional Access policy allows approved client apps only.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS53004",
            "Multifactor registration was asked for because of risk. That concerns people: the credential in use is not an app's.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS53010",
            "Security information may be set from certain places only. That concerns people: the credential in use is not an app's.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS53011",
            "The identity is blocked because of risk in its home tenant.",
            .entraAdministrator,
            "Entra admin center > Identity Protection > Risky workload identities: look into it, then dismiss the risk."
        ),
        .init(
            .entra,
            "AADSTS530032",
            "A security policy of the tenant blocks the request.",
            .entraAdministrator,
            exclude
        ),
        .init(
            .entra,
            "AADSTS530034",
            "A delegated administrator was kept out because of risk. The gateway should sign in as an app of the tenant itself.",
            .entraAdministrator,
            "Register the app in the tenant that AZURE_TENANT_ID names, and use its client id."
        ),
        .init(
            .entra,
            "AADSTS530035",
            "The tenant's security defaults block the request.",
            .entraAdministrator,
            exclude
        ),
    ]
}
