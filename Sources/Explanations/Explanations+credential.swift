extension Explanations {
    /// Every reason for which there is no access token; a test compares them with the enum that is logged.
    static let credential: [Explanation] = [
        .init(
            .credential,
            "secret-wrong",
            "Entra does not know the client secret.",
            .operator,
            "Give AZURE_CLIENT_SECRET the secret's Value, not its Secret ID. A new one is made in the Entra admin center > App registrations > the app > Certificates & secrets."
        ),
        .init(
            .credential,
            "secret-expired",
            "The client secret has run out.",
            .entraAdministrator,
            "Make a new one: Entra admin center > App registrations > the app > Certificates & secrets, or `az ad app credential reset --id CLIENT --append`. Give its value to the gateway."
        ),
        .init(
            .credential,
            "application-unknown",
            "The tenant has no such app, or it is disabled there.",
            .operator,
            "Compare AZURE_CLIENT_ID and AZURE_TENANT_ID with the app registration's overview page."
        ),
        .init(
            .credential,
            "tenant-unknown",
            "Entra has no such tenant in this cloud.",
            .operator,
            "Compare AZURE_TENANT_ID with the overview page of the Entra admin center, and see whether the tenant belongs to the cloud of AZURE_AUTHORITY_HOST."
        ),
        .init(
            .credential,
            "scope-invalid",
            "Entra gives no tokens for the resource that was asked for.",
            .operator,
            "Compare GRAPH_BASE_URL and AZURE_AUTHORITY_HOST: both must be of the same cloud."
        ),
        .init(
            .credential,
            "consent-missing",
            "No administrator has consented to what the app asks for.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions > Grant admin consent."
        ),
        .init(
            .credential,
            "conditional-access",
            "A Conditional Access policy keeps the app from signing in.",
            .entraAdministrator,
            "Entra admin center > Monitoring > Sign-in logs > Service principal sign-ins names the policy. Exclude the app, or allow the address that the gateway comes from."
        ),
        .init(
            .credential,
            "credential-invalid",
            "The credential is missing, cannot be read, or is not what Entra has registered for the app.",
            .operator,
            "Look at the detail and the AADSTS code beside it, and run `enrollment-gateway check`."
        ),
        .init(
            .credential,
            "credential-unreadable",
            "The file of the federated token is missing, empty or cannot be read at the moment; Entra was not asked.",
            .operator,
            "Look at what writes the file that AZURE_FEDERATED_TOKEN_FILE names, and at its permissions. It is read again by itself."
        ),
        .init(
            .credential,
            "unreachable",
            "No connection to Entra, or to the identity endpoint, could be made.",
            .network,
            "Run `enrollment-gateway doctor`: it says whether name, connection, proxy or certificates are to blame."
        ),
        .init(
            .credential,
            "timed-out",
            "Entra did not answer in time.",
            .network,
            "Wait: it is asked again. If it lasts, look at firewall and proxy with `enrollment-gateway doctor`."
        ),
        .init(
            .credential,
            "throttled",
            "Entra was asked too often, by this app or by the tenant as a whole.",
            .operator,
            "Wait: it is asked again after the pause that Entra names. If it lasts, look for other programs that use this app registration, or for many restarts of the gateway."
        ),
        .init(
            .credential,
            "server-error",
            "Entra has a fault of its own.",
            .nobody,
            "Wait: it is asked again. If it lasts, look at https://azure.status.microsoft and open a support case with the trace id."
        ),
        .init(
            .credential,
            "redirected",
            "What answered in Entra's place sent the request elsewhere: a portal or a proxy. Entra does not do this.",
            .network,
            "Let the gateway through without signing in, or set UPSTREAM_PROXY; and see whether AZURE_AUTHORITY_HOST is right."
        ),
        .init(
            .credential,
            "malformed-answer",
            "What answered in Entra's place sent something that is no token answer.",
            .network,
            "See whether AZURE_AUTHORITY_HOST is right, and whether a proxy answers for it."
        ),
        .init(
            .credential,
            "answer-too-large",
            "What answered in Entra's place sent far more than a token answer has.",
            .network,
            "See whether AZURE_AUTHORITY_HOST is right, and whether a proxy answers for it."
        ),
        .init(
            .credential,
            "token-rejected",
            "Graph answers 401 to one fresh access token after the other.",
            .operator,
            "Entra and Graph must be of one cloud: compare AZURE_AUTHORITY_HOST and GRAPH_BASE_URL. Then run `enrollment-gateway doctor`."
        ),
        .init(
            .credential,
            "overloaded",
            "The gateway itself has too much under way to ask.",
            .nobody,
            "Wait: it passes with the load."
        ),
        .init(
            .credential,
            "wait-ended",
            "A caller's time was over before the access token came. It is still being fetched.",
            .nobody,
            "Wait: the next request gets it. If it lasts, look at how long Entra takes to answer."
        ),
        .init(
            .credential,
            "cancelled",
            "The caller who waited for the access token went away.",
            .nobody,
            "Nothing is to be done."
        ),
    ]
}
