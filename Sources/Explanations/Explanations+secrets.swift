extension Explanations {
    /// AADSTS codes about client secrets, and about credentials that are missing altogether.
    ///
    /// After Microsoft's page "Microsoft Entra authentication and authorization error codes", as all AADSTS codes here; the
    /// codes and their texts may change, and <https://login.microsoftonline.com/error> has the latest.
    static let secrets: [Explanation] = [
        .init(
            .entra,
            "AADSTS7000215",
            "The client secret is wrong. Most often the Secret ID was copied instead of the Value, or a blank or line break came with it. A secret that was made a moment ago may need a minute.",
            .operator,
            "Give AZURE_CLIENT_SECRET the Value that the Entra admin center showed once, under App registrations > the app > Certificates & secrets. Nobody can see it again: make a new one if it is lost."
        ),
        .init(
            .entra,
            "AADSTS7000222",
            "The client secret has expired.",
            .entraAdministrator,
            "Make a new one: Entra admin center > App registrations > the app > Certificates & secrets > New client secret, or `az ad app credential reset --id CLIENT --append --years 1`. Then give its value to the gateway."
        ),
        .init(
            .entra,
            "AADSTS70002",
            "The credential does not match what Entra has for this app.",
            .operator,
            "Copy the client secret's Value anew, and see that AZURE_CLIENT_ID is the app that it was made for."
        ),
        .init(
            .entra,
            "AADSTS7000218",
            "The request showed neither a client secret nor a client assertion.",
            .operator,
            "Set AZURE_CLIENT_SECRET or another credential; an empty file counts as none. `enrollment-gateway check` says which one is used."
        ),
        .init(
            .entra,
            "AADSTS900144",
            "A field of the request is missing, for example client_id or scope: something between rewrote the request, or the endpoint is not the right one.",
            .operator,
            "See that AZURE_AUTHORITY_HOST is Entra's own host, and that no proxy changes requests."
        ),
        .init(
            .entra,
            "AADSTS90014",
            "A field that the credential should have is missing.",
            .operator,
            "Run `enrollment-gateway check`, and set what the credential in use needs."
        ),
        .init(
            .entra,
            "AADSTS700025",
            "The app registration is a public client, for which no secret and no certificate is accepted.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > Authentication: set \"Allow public client flows\" to No, or register the gateway as an app of its own."
        ),
    ]
}
