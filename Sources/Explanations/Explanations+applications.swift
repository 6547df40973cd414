extension Explanations {
    /// AADSTS codes about the app registration and its service principal.
    static let applications: [Explanation] = [
        .init(
            .entra,
            "AADSTS700016",
            "The tenant has no app with this client id: the id is wrong, the tenant is wrong, or the app has no service principal there.",
            .operator,
            "Compare AZURE_CLIENT_ID and AZURE_TENANT_ID with the app registration's overview page: Application (client) ID, not the object ID. `az ad sp create --id CLIENT` makes a missing service principal."
        ),
        .init(
            .entra,
            "AADSTS700011",
            "The directory has no app with this client id.",
            .operator,
            "Compare AZURE_CLIENT_ID and AZURE_TENANT_ID with the app registration's overview page."
        ),
        .init(
            .entra,
            "AADSTS70001",
            "The app is disabled in this tenant, or is not there.",
            .entraAdministrator,
            "Entra admin center > Enterprise applications > the app > Properties: set \"Enabled for users to sign-in\" to Yes."
        ),
        .init(
            .entra,
            "AADSTS7000112",
            "The app is disabled.",
            .entraAdministrator,
            "Entra admin center > Enterprise applications > the app > Properties: set \"Enabled for users to sign-in\" to Yes. If Microsoft has disabled it, the page says so."
        ),
        .init(
            .entra,
            "AADSTS650059",
            "The app registration is for its own tenant alone, and another tenant is asked.",
            .operator,
            "Set AZURE_TENANT_ID to the tenant in which the app is registered, or register one in this tenant."
        ),
        .init(
            .entra,
            "AADSTS7000229",
            "The app has no service principal in this tenant.",
            .entraAdministrator,
            "`az ad sp create --id CLIENT`, signed in to this tenant; then consent to the permission."
        ),
    ]
}
