extension Explanations {
    private static let passes =
        "Wait: the gateway asks again by itself. If it lasts, look at https://azure.status.microsoft."
    private static let support =
        "The gateway asks again by itself. If it lasts, open a support case in the Entra admin center with the trace id, the correlation id and the time."

    /// AADSTS codes of faults in Entra itself, of its limits, and of requests that are not the gateway's.
    static let service: [Explanation] = [
        .init(
            .entra,
            "AADSTS50000",
            "Entra could not issue the token; its sign-in service has a fault.",
            .microsoft,
            support
        ),
        .init(
            .entra,
            "AADSTS50033",
            "A fault of Entra's that passes.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90006",
            "A part of Entra is unavailable for the moment.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90012",
            "Entra's own request timed out.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90024",
            "Entra used up its time for the request; this passes.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90033",
            "Microsoft's directory service is unavailable.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90036",
            "Microsoft's directory service failed in a way that asking again seldom heals.",
            .microsoft,
            support
        ),
        .init(
            .entra,
            "AADSTS90090",
            "The directory behind Entra is unavailable for the moment.",
            .nobody,
            passes
        ),
        .init(
            .entra,
            "AADSTS90092",
            "The directory behind Entra failed in a way that asking again seldom heals.",
            .microsoft,
            support
        ),
        .init(
            .entra,
            "AADSTS50196",
            "Entra has seen the same request too often in a short time and takes it for a loop.",
            .operator,
            "Wait some minutes. Then look for many restarts of the gateway, or for another program with the same app registration."
        ),
        .init(
            .entra,
            "AADSTS90055",
            "The tenant as a whole asks Entra too much.",
            .entraAdministrator,
            "Wait; the gateway asks again by itself. Entra admin center > Monitoring > Sign-in logs shows which apps ask so often."
        ),
        .init(
            .entra,
            "AADSTS900561",
            "The endpoint takes POST only, and was asked in another way: something between changed the request.",
            .network,
            "See that no proxy rewrites requests or follows redirects for AZURE_AUTHORITY_HOST."
        ),
        .init(
            .entra,
            "AADSTS70003",
            "The endpoint does not know the grant that was asked for.",
            .operator,
            "Correct AZURE_AUTHORITY_HOST; report this if it was right."
        ),
        .init(
            .entra,
            "AADSTS90023",
            "A part of the request is not valid for the endpoint.",
            .operator,
            "Run `enrollment-gateway check`, and see that AZURE_AUTHORITY_HOST is Entra's own host; report this if both are right."
        ),
    ]
}
