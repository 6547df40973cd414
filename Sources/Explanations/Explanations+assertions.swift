extension Explanations {
    /// AADSTS codes about certificates and federated tokens.
    static let assertions: [Explanation] = [
        .init(
            .entra,
            "AADSTS700027",
            "The certificate that signed the assertion is not registered on the app, or the signature does not fit it.",
            .entraAdministrator,
            "Upload the certificate (not its key) of AZURE_CLIENT_CERTIFICATE_PATH: Entra admin center > App registrations > the app > Certificates & secrets > Certificates. Compare the thumbprints."
        ),
        .init(
            .entra,
            "AADSTS50012",
            "The assertion was not accepted: its signature, its certificate's chain, or the certificate's subject or thumbprint is not one that the app has.",
            .operator,
            "See that key and certificate in AZURE_CLIENT_CERTIFICATE_PATH belong together, and that this certificate is registered on the app."
        ),
        .init(
            .entra,
            "AADSTS7000214",
            "The certificate has been revoked.",
            .entraAdministrator,
            "Find out why with the authority that issued it; register a new certificate on the app and give it to the gateway."
        ),
        .init(
            .entra,
            "AADSTS700030",
            "The certificate's subject is not among those that the app trusts by name.",
            .entraAdministrator,
            "Register the certificate itself on the app, or correct the trusted subject names. AZURE_CLIENT_SEND_CERTIFICATE_CHAIN is needed for trust by name."
        ),
        .init(
            .entra,
            "AADSTS700024",
            "The assertion is not inside its time: this machine's clock is wrong, the request was on its way for minutes, or the federated token has expired.",
            .operator,
            "Correct the clock (`timedatectl`); `enrollment-gateway doctor` compares it with Entra's. For a federated token, see that its file is rewritten."
        ),
        .init(
            .entra,
            "AADSTS1000502",
            "The certificate is not inside its own validity: it has expired, or does not begin yet.",
            .operator,
            "Make a new certificate, register it on the app, and put it in the place of AZURE_CLIENT_CERTIFICATE_PATH. See that this machine's clock is right."
        ),
        .init(
            .entra,
            "AADSTS500133",
            "The token that was shown as an assertion has expired, or does not begin yet.",
            .operator,
            "See that AZURE_FEDERATED_TOKEN_FILE is rewritten before its token ends, and that this machine's clock is right."
        ),
        .init(
            .entra,
            "AADSTS50048",
            "The assertion names one app as its issuer and another as its subject.",
            .operator,
            "Use one AZURE_CLIENT_ID; report this if the gateway made the assertion."
        ),
        .init(
            .entra,
            "AADSTS900384",
            "The signature of the assertion could not be verified.",
            .operator,
            "See that key and certificate in AZURE_CLIENT_CERTIFICATE_PATH belong together."
        ),
        .init(
            .entra,
            "AADSTS70021",
            "No federated credential of the app fits the token's issuer, subject and audience.",
            .entraAdministrator,
            "Compare them letter by letter: Entra admin center > App registrations > the app > Certificates & secrets > Federated credentials. A new one takes some minutes to count."
        ),
        .init(
            .entra,
            "AADSTS700211",
            "No federated credential of the app has the issuer that the token names.",
            .entraAdministrator,
            "Copy the issuer (`iss`) exactly, with or without its last slash as the token has it, into the app's federated credential."
        ),
        .init(
            .entra,
            "AADSTS700212",
            "No federated credential of the app has the audience that the token names.",
            .entraAdministrator,
            "Let the token be made for api://AzureADTokenExchange, or correct the audience in the app's federated credential."
        ),
        .init(
            .entra,
            "AADSTS700213",
            "No federated credential of the app has the subject that the token names.",
            .entraAdministrator,
            "Copy the subject (`sub`) exactly into the app's federated credential; for Kubernetes it is system:serviceaccount:NAMESPACE:NAME."
        ),
        .init(
            .entra,
            "AADSTS7002138",
            "A federated credential fits the token's subject but for upper and lower case, which count.",
            .entraAdministrator,
            "Write the subject in the app's federated credential in the same case as the token has it."
        ),
        .init(
            .entra,
            "AADSTS700222",
            "The federated token was issued by Entra itself, which is not accepted in this way.",
            .operator,
            "Point AZURE_FEDERATED_TOKEN_FILE to the platform's token, or use AZURE_CREDENTIAL=managed-identity."
        ),
        .init(
            .entra,
            "AADSTS700229",
            "The token from Entra that was shown as a federated one is a person's; only an app's own is accepted.",
            .operator,
            "Let the platform write a token of a managed identity or an app into AZURE_FEDERATED_TOKEN_FILE."
        ),
        .init(
            .entra,
            "AADSTS700023",
            "The assertion was made for another token endpoint than the one that was asked.",
            .operator,
            "See that AZURE_AUTHORITY_HOST and AZURE_TENANT_ID are those of the app, and that nothing between changes the address."
        ),
        .init(
            .entra,
            "AADSTS700021",
            "The assertion was made for another app than the one that asks.",
            .operator,
            "Use one AZURE_CLIENT_ID for both; report this if the gateway made the assertion."
        ),
        .init(
            .entra,
            "AADSTS50027",
            aliases: ["AADSTS5002727"],
            "What was shown as an assertion is no JSON Web Token as Entra takes it.",
            .operator,
            "See that AZURE_FEDERATED_TOKEN_FILE holds the platform's token and nothing else; report this if the gateway made the assertion."
        ),
        .init(
            .entra,
            "AADSTS5002730",
            "The key that signed the assertion does not go with the algorithm that it names.",
            .operator,
            "Use a certificate with an RSA key of 2048 bits or more in AZURE_CLIENT_CERTIFICATE_PATH."
        ),
        .init(
            .entra,
            "AADSTS50166",
            aliases: ["AADSTS501661", "AADSTS90061"],
            "Entra could not fetch the keys of the federated token's issuer.",
            .operator,
            "The issuer's /.well-known/openid-configuration and the keys that it names must be open to the internet. If they are, wait: it is known to pass."
        ),
    ]
}
