extension Explanations {
    /// AADSTS codes about what the access token is asked for, and about consent.
    static let scopes: [Explanation] = [
        .init(
            .entra,
            "AADSTS70011",
            "The scope is not valid.",
            .operator,
            "Correct GRAPH_BASE_URL: the scope is its host with /.default behind it."
        ),
        .init(
            .entra,
            "AADSTS28002",
            "The value of the scope is not valid when an access token is asked for.",
            .operator,
            "Correct GRAPH_BASE_URL: the scope is its host with /.default behind it."
        ),
        .init(
            .entra,
            "AADSTS1002012",
            "An app asks for all of its permissions at once, with a scope that ends in /.default; this one does not.",
            .operator,
            "Correct GRAPH_BASE_URL, and report this if that was right: the gateway writes the scope itself."
        ),
        .init(
            .entra,
            "AADSTS700022",
            "The scope names more than one resource.",
            .operator,
            "Give GRAPH_BASE_URL one address."
        ),
        .init(
            .entra,
            "AADSTS500011",
            "The tenant does not know the resource that was asked for. For Graph that means the wrong cloud, or a misspelt host.",
            .operator,
            "Compare GRAPH_BASE_URL with the tenant's cloud: https://graph.microsoft.com/beta in the global one."
        ),
        .init(
            .entra,
            "AADSTS500014",
            "The resource's service principal is disabled in this tenant.",
            .entraAdministrator,
            "Entra admin center > Enterprise applications, type Microsoft Applications > Microsoft Graph > Properties: enable it again."
        ),
        .init(
            .entra,
            "AADSTS65001",
            "Nobody has consented to the app's permissions in this tenant.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions > Grant admin consent, or `az ad app permission admin-consent --id CLIENT`."
        ),
        .init(
            .entra,
            "AADSTS90094",
            "The permission needs an administrator's consent.",
            .entraAdministrator,
            "Sign in as a Privileged Role Administrator and grant it: Entra admin center > App registrations > the app > API permissions > Grant admin consent."
        ),
        .init(
            .entra,
            "AADSTS90008",
            "Nobody has consented that the app uses the resource at all.",
            .entraAdministrator,
            "Add the application permission DeviceManagementConfiguration.ReadWrite.All under API permissions, and grant admin consent."
        ),
        .init(
            .entra,
            "AADSTS650057",
            "The resource is not among the permissions that the app registration asks for.",
            .entraAdministrator,
            "Add Microsoft Graph > Application permissions > DeviceManagementConfiguration.ReadWrite.All under the app's API permissions, and grant admin consent."
        ),
        .init(
            .entra,
            "AADSTS650052",
            "The tenant has no subscription to the service that was asked for, or its service principal is missing.",
            .entraAdministrator,
            "See that the tenant has an active Intune licence: Microsoft 365 admin center > Billing > Licenses."
        ),
    ]
}
