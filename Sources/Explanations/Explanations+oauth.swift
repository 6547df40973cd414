extension Explanations {
    /// RFC 6749 §5.2, and what Entra adds to it.
    static let oauth: [Explanation] = [
        .init(
            .oauth,
            "invalid_client",
            "The proof of who the app is was refused: secret, certificate or federated token.",
            .operator,
            "Explain the AADSTS code beside it; the credential has to be corrected or renewed."
        ),
        .init(
            .oauth,
            "unauthorized_client",
            "The app is not in this tenant, or is not allowed to ask in this way.",
            .operator,
            "Compare AZURE_CLIENT_ID and AZURE_TENANT_ID with the app registration's overview page."
        ),
        .init(
            .oauth,
            "invalid_request",
            "A part of the request is missing or wrong, most often the tenant.",
            .operator,
            "Explain the AADSTS code beside it, and compare AZURE_TENANT_ID with the overview page."
        ),
        .init(
            .oauth,
            "invalid_scope",
            "The resource that was asked for is not written as Entra wants it.",
            .operator,
            "Correct GRAPH_BASE_URL: the scope is made from its host."
        ),
        .init(
            .oauth,
            "invalid_resource",
            aliases: ["invalid_target"],
            "The tenant does not know the resource that was asked for.",
            .operator,
            "Compare GRAPH_BASE_URL with the tenant's cloud."
        ),
        .init(
            .oauth,
            "invalid_grant",
            "Entra refuses to give a token, because of a policy or of consent.",
            .entraAdministrator,
            "Explain the AADSTS code beside it."
        ),
        .init(
            .oauth,
            "unsupported_grant_type",
            "What answers is no token endpoint that knows the client credentials grant.",
            .operator,
            "Correct AZURE_AUTHORITY_HOST."
        ),
        .init(
            .oauth,
            "consent_required",
            "No administrator has consented to what the app asks for.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions > Grant admin consent."
        ),
        .init(
            .oauth,
            "interaction_required",
            "A policy wants a person to sign in, which a service cannot.",
            .entraAdministrator,
            "Find the policy in the service principal sign-in log, and exclude the app from it."
        ),
        .init(
            .oauth,
            "temporarily_unavailable",
            "Entra is too busy at present.",
            .nobody,
            "Wait: it is asked again."
        ),
        .init(
            .oauth,
            "server_error",
            "Entra has a fault of its own.",
            .nobody,
            "Wait: it is asked again. If it lasts, open a support case with the trace id."
        ),
    ]
}
