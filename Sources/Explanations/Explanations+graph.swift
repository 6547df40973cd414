extension Explanations {
    /// Codes of Graph's front, of Intune behind it, and the statuses without a code of their own.
    ///
    /// After <https://learn.microsoft.com/graph/errors>; codes are not a closed list there.
    static let graph: [Explanation] = [
        .init(
            .graph,
            "InvalidAuthenticationToken",
            aliases: ["401", "unauthenticated", "Unauthorized"],
            "Graph does not take the access token: it has expired, is for another audience or cloud, or the app was disabled since.",
            .operator,
            "The gateway fetches a new one by itself. If it lasts, run `enrollment-gateway doctor`: it compares the token's audience and tenant with what is configured."
        ),
        .init(
            .graph,
            "Forbidden",
            aliases: ["403", "accessDenied"],
            "Intune denies the call. The app lacks the application permission or its admin consent, the tenant lacks an Intune licence, or, although the permission is there, Intune denies app-only access to createToken.",
            .entraAdministrator,
            "Run `enrollment-gateway doctor --profile ID --create`. Without the permission: Entra admin center > App registrations > the app > API permissions > Add a permission > Microsoft Graph > Application permissions > DeviceManagementConfiguration.ReadWrite.All, then Grant admin consent. With it: open a support case with Microsoft, quoting request id and activity id."
        ),
        .init(
            .graph,
            "Authorization_RequestDenied",
            "The app's permissions do not suffice, or its consent was given for delegated instead of application permissions.",
            .entraAdministrator,
            "Entra admin center > App registrations > the app > API permissions: the type must be Application, and the status Granted."
        ),
        .init(
            .graph,
            "Authorization_IdentityNotFound",
            "The tenant does not know the app's service principal.",
            .entraAdministrator,
            "`az ad sp create --id CLIENT`, then grant admin consent."
        ),
        .init(
            .graph,
            "TooManyRequests",
            aliases: ["429", "activityLimitReached", "throttledRequest"],
            "Graph's limit is reached; the request was not done. For these resources it is 100 writes in 20 seconds for one app in one tenant, and 200 for all apps.",
            .operator,
            "The gateway waits and sends again. If it lasts, look for other programs that write to this tenant, and lower GRAPH_WRITE_LIMIT."
        ),
        .init(
            .graph,
            "ResourceNotFound",
            aliases: ["404", "itemNotFound", "NotFound"],
            "There is no profile of this id in this collection; the other kind's collection may have it, or it was deleted.",
            .caller,
            "Correct the id, or the kind. Intune admin center > Devices > Enrollment > Android lists the profiles; one whose token has expired may be hidden by the filter."
        ),
        .init(
            .graph,
            "BadRequest",
            aliases: ["400", "invalidRequest"],
            "Graph does not accept the request: a value is outside of what Intune takes, or the path is not one it knows.",
            .operator,
            "See the validity that was asked for, and that GRAPH_BASE_URL ends in /beta: the profiles exist in no other version."
        ),
        .init(
            .graph,
            "Request not applicable to target tenant",
            "The tenant has no usable Intune: no active licence, or the MDM authority was never set.",
            .intuneAdministrator,
            "Intune admin center > Tenant administration > Tenant status shows both. Buy or assign a licence, and set the MDM authority to Intune."
        ),
        .init(
            .graph,
            "Request_ResourceNotFound",
            "Graph does not know what the path names.",
            .operator,
            "See that GRAPH_BASE_URL is the Graph root of the tenant's cloud and ends in /beta."
        ),
        .init(
            .graph,
            "Conflict",
            aliases: ["409", "412", "resourceModified", "423"],
            "The profile was changed or locked by somebody else at the same moment.",
            .caller,
            "Send the request again."
        ),
        .init(
            .graph,
            "UnprocessableEntity",
            aliases: ["422"],
            "Graph can read the request, and does not take what it says.",
            .caller,
            "Change the validity; the operator finds Graph's words by the request id with Microsoft."
        ),
        .init(
            .graph,
            "Gone",
            aliases: ["410"],
            "The profile is no longer there.",
            .caller,
            "Use another profile."
        ),
        .init(
            .graph,
            "PaymentRequired",
            aliases: ["402"],
            "Microsoft counts the call as one that must be paid for, and nobody has set that up.",
            .intuneAdministrator,
            "See the tenant's licences: Microsoft 365 admin center > Billing > Licenses."
        ),
        .init(
            .graph,
            "InternalServerError",
            aliases: ["500", "generalException", "InternalError"],
            "Intune has a fault of its own, and may or may not have done what was asked; the gateway reads the profile back.",
            .microsoft,
            "Look at the service health in the Microsoft 365 admin center, and open a support case with request id and activity id if it lasts."
        ),
        .init(
            .graph,
            "UnknownError",
            aliases: ["Unknown"],
            "Graph or Intune failed without saying why. It also comes with 403 where a licence or permission is missing.",
            .microsoft,
            "Look at the status beside it: with 403, see Forbidden. Otherwise open a support case with the request id if it lasts."
        ),
        .init(
            .graph,
            "BadGateway",
            aliases: ["502"],
            "A part of Graph did not reach another.",
            .nobody,
            "Wait: it passes. The gateway reads the profile back before it says what became of the request."
        ),
        .init(
            .graph,
            "serviceNotAvailable",
            aliases: ["503", "ServiceUnavailable", "CancelledOnServiceTimeout"],
            "Intune is overloaded, or used up its own time, and may have done what was asked; the gateway reads the profile back.",
            .nobody,
            "Wait. If it lasts, look at the service health in the Microsoft 365 admin center."
        ),
        .init(
            .graph,
            "GatewayTimeout",
            aliases: ["504", "timeout"],
            "Intune did not answer Graph in time, and may have done what was asked; the gateway reads the profile back.",
            .nobody,
            "Wait. If it lasts, look at the service health in the Microsoft 365 admin center."
        ),
        .init(
            .graph,
            "notSupported",
            aliases: ["405", "501", "NotImplemented"],
            "Graph does not know this action at this address.",
            .operator,
            "See that GRAPH_BASE_URL ends in /beta."
        ),
        .init(
            .graph,
            "quotaLimitReached",
            aliases: ["507", "509"],
            "A quota of the tenant or its bandwidth is used up.",
            .intuneAdministrator,
            "Wait, and look at the tenant's limits in the Microsoft 365 admin center."
        ),
        .init(
            .graph,
            "insufficient_claims",
            "Continuous access evaluation: Entra wants the app to prove itself anew, because of its address or of risk. From an address that a policy forbids no new token helps.",
            .entraAdministrator,
            "Allow the gateway's outgoing address in the Conditional Access policy for workload identities. AZURE_CLAIMS_CHALLENGES lets the gateway answer the challenge."
        ),
    ]
}
