extension Explanations {
    /// AADSTS codes about the tenant and its cloud.
    static let tenants: [Explanation] = [
        .init(
            .entra,
            "AADSTS90002",
            "There is no such tenant in this cloud.",
            .operator,
            "Compare AZURE_TENANT_ID with the Entra admin center's overview page. A tenant of another cloud needs that cloud's AZURE_AUTHORITY_HOST and GRAPH_BASE_URL."
        ),
        .init(
            .entra,
            "AADSTS90038",
            "The tenant belongs to another cloud than the one that was asked.",
            .operator,
            "Set AZURE_AUTHORITY_HOST and GRAPH_BASE_URL to the tenant's cloud, for example login.microsoftonline.us and https://graph.microsoft.us/beta."
        ),
        .init(
            .entra,
            "AADSTS900023",
            "The tenant is written as neither a GUID nor a domain.",
            .operator,
            "Copy the Directory (tenant) ID from the app registration's overview page into AZURE_TENANT_ID."
        ),
        .init(
            .entra,
            "AADSTS900382",
            "The app is of another cloud than the one that was asked, which is not possible for an app with a credential.",
            .operator,
            "Set AZURE_AUTHORITY_HOST and GRAPH_BASE_URL to the cloud in which the app is registered."
        ),
        .init(
            .entra,
            "AADSTS900432",
            "The app is asked for across two clouds, which is not possible for an app with a credential.",
            .operator,
            "Set AZURE_AUTHORITY_HOST and GRAPH_BASE_URL to the cloud in which the app is registered."
        ),
        .init(
            .entra,
            "AADSTS9001023",
            "The tenant is given as common, organizations or consumers, where an app needs exactly one.",
            .operator,
            "Copy the Directory (tenant) ID from the app registration's overview page into AZURE_TENANT_ID."
        ),
        .init(
            .entra,
            "AADSTS50059",
            "The request names no tenant.",
            .operator,
            "Set AZURE_TENANT_ID, and give AZURE_AUTHORITY_HOST the host alone."
        ),
        .init(
            .entra,
            "AADSTS50049",
            "Entra does not know the host that was asked as one of its own.",
            .operator,
            "Correct AZURE_AUTHORITY_HOST."
        ),
        .init(
            .entra,
            "AADSTS500021",
            aliases: ["AADSTS500022"],
            "A proxy on the way restricts which tenants may be reached (the header Restrict-Access-To-Tenants), and this one is not among them.",
            .network,
            "Have the tenant added to the proxy's list of allowed tenants, or let the gateway pass without that header."
        ),
    ]
}
