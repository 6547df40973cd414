extension Explanations {
    /// Every code of the gateway's own; a test compares them with the enum that is answered.
    static let gateway: [Explanation] = [
        // The caller's key and request.
        .init(
            .gateway,
            "api-key-missing",
            "The request has no X-API-Key header.",
            .caller,
            "Send the API key in the header X-API-Key, or ask the operator for one."
        ),
        .init(
            .gateway,
            "api-key-invalid",
            "The API key is not one that the gateway knows, or it has not begun, has ended or was revoked.",
            .caller,
            "Send the right key; a line break or a blank that was copied with it counts. Ask the operator if it was replaced: `enrollment-gateway keys test` tells what is wrong with a key."
        ),
        .init(
            .gateway,
            "api-key-ambiguous",
            "There is more than one X-API-Key header, or a key in the URL.",
            .caller,
            "Send exactly one X-API-Key header and nothing in the query. A key that was in a URL is in somebody's log: have it replaced."
        ),
        .init(
            .gateway,
            "permission-denied",
            "The API key is in force, but lacks the right, or is for other profiles or kinds.",
            .caller,
            "Ask the operator for a key that may do it. The operator sees what a key may do with `enrollment-gateway keys test`."
        ),
        .init(
            .gateway,
            "profile-id-invalid",
            "The profile id in the path is not a GUID.",
            .caller,
            "Send the id as 36 characters, such as aaaaaaaa-0000-4000-8000-000000000001, without braces."
        ),
        .init(
            .gateway,
            "body-invalid",
            "The body is not the JSON object that the call takes.",
            .caller,
            "Correct the member that `member` names, or the body as a whole. Leave the body out to have the default validity. A DELETE takes no body."
        ),
        .init(
            .gateway,
            "validity-out-of-range",
            "tokenValidityInSeconds is below 60, or above the ceiling of the operator or of the API key; or reuseIfValidForSeconds is not from 1 to 2051244000.",
            .caller,
            "Stay inside the bounds that `detail` names. The operator's ceiling is TOKEN_MAX_VALIDITY_SECONDS, and maxValidityInSeconds of a key."
        ),
        .init(
            .gateway,
            "request-invalid",
            "The request cannot be read, or a parameter or header of it is wrong.",
            .caller,
            "Correct what `member` names; without one, the request is not good HTTP."
        ),
        .init(
            .gateway,
            "body-too-large",
            "The body is larger than the gateway takes.",
            .caller,
            "Send less. The operator's limit is HTTP_MAX_BODY_BYTES."
        ),
        .init(
            .gateway,
            "url-too-long",
            "The path and the query are longer than the gateway takes.",
            .caller,
            "Send a shorter URL. The operator's limit is HTTP_MAX_URL_BYTES."
        ),
        .init(
            .gateway,
            "headers-too-large",
            "The header fields together are larger than the gateway takes.",
            .caller,
            "Send fewer or smaller ones, cookies above all. The operator's limits are HTTP_MAX_HEADER_BYTES and HTTP_MAX_HEADER_FIELDS."
        ),
        .init(
            .gateway,
            "request-timeout",
            "The request did not arrive in time.",
            .caller,
            "Send it again on a new connection. The operator's limits are HTTP_HEADER_TIMEOUT and HTTP_BODY_TIMEOUT."
        ),
        .init(
            .gateway,
            "media-type-unsupported",
            "The body is declared as something other than JSON.",
            .caller,
            "Send Content-Type: application/json."
        ),
        .init(
            .gateway,
            "not-acceptable",
            "The Accept header allows nothing that the call can answer with.",
            .caller,
            "Accept application/json, for a QR code image/svg+xml or image/png, for the contract application/yaml; or send no Accept header."
        ),
        .init(
            .gateway,
            "not-found",
            "There is no such path.",
            .caller,
            "Correct the path; openapi.yaml lists them all."
        ),
        .init(
            .gateway,
            "method-not-allowed",
            "The path exists, but not with this method.",
            .caller,
            "Use a method that the header Allow names."
        ),
        .init(
            .gateway,
            "rate-limited",
            "The rate of the API key is used up, or too many wrong API keys came from this address.",
            .caller,
            "Wait for Retry-After and spread the requests, or correct the key: a right one is served at once. The operator's limits are the key's rateLimit, and HTTP_MAX_BAD_KEYS."
        ),
        .init(
            .gateway,
            "idempotency-unavailable",
            "The request has an Idempotency-Key, and the gateway keeps no record that could honour it.",
            .caller,
            "Leave Idempotency-Key out; or the operator gives LEDGER_URL another value than none. After `outcome` unknown, look at the profile before asking again."
        ),
        .init(
            .gateway,
            "idempotency-key-reused",
            "The Idempotency-Key was sent with another request before: another operation, profile, kind or body.",
            .caller,
            "Give each new request a key of its own, such as a fresh UUID; only its repetitions carry the same."
        ),
        .init(
            .gateway,
            "idempotency-in-progress",
            "The first request with this Idempotency-Key still runs.",
            .caller,
            "Wait for Retry-After, and send the same request with the same key again: then it is answered what the first one came to."
        ),
        // What became of the profile.
        .init(
            .gateway,
            "profile-not-found",
            "The tenant has no profile of this id among those of this kind.",
            .caller,
            "Correct the id, or the kind: a profile belongs to android-for-work or to device-owner, and ?kind= says which."
        ),
        .init(
            .gateway,
            "token-not-found",
            "The profile has no enrollment token of which a QR code can be drawn: none was made, it has ended, it was revoked, or, with `retryAfter`, it was just made and is not shown yet.",
            .caller,
            "With `retryAfter` ask again, and make no other one. Else make an enrollment token first; where its value is there and Graph shows no QR code for it, use the value."
        ),
        .init(
            .gateway,
            "conflict",
            "Somebody else was changing the profile at the same moment.",
            .caller,
            "Send the request again, with a new Idempotency-Key if it has one."
        ),
        .init(
            .gateway,
            "graph-refused",
            "Graph does not accept what was asked for this profile; most often it is the validity.",
            .caller,
            "Change the request. The operator finds Graph's code and request id in the log."
        ),
        .init(
            .gateway,
            "graph-throttled",
            "One of Graph's limits is reached, or the gateway's own pacing of writes that keeps below it.",
            .caller,
            "Wait for Retry-After. If it lasts, the operator looks at what else writes to this tenant, and at GRAPH_WRITE_LIMIT."
        ),
        .init(
            .gateway,
            "profile-busy",
            "Requests for one profile run one after another, and this one's turn did not come in time.",
            .caller,
            "Wait for Retry-After, and ask less often for the same profile."
        ),
        // The way to Microsoft.
        .init(
            .gateway,
            "credential-refused",
            "Entra refuses the gateway's own credential. The caller's API key is in order.",
            .operator,
            "Run `enrollment-gateway doctor`, or explain the AADSTS code that the log has under entra.aadsts."
        ),
        .init(
            .gateway,
            "credential-unavailable",
            "Entra gives no access token at present, and none is left that is still good.",
            .operator,
            "Wait a minute. If it lasts, run `enrollment-gateway doctor`: it looks at name, connection, certificates and Entra in turn."
        ),
        .init(
            .gateway,
            "graph-unauthorized",
            "Graph answered 401 although the access token was fresh.",
            .operator,
            "Run `enrollment-gateway doctor`. Entra and Graph must be of one cloud: compare AZURE_AUTHORITY_HOST and GRAPH_BASE_URL."
        ),
        .init(
            .gateway,
            "graph-forbidden",
            "Graph answered 403: the app lacks the application permission DeviceManagementConfiguration.ReadWrite.All or its admin consent, the tenant lacks an Intune licence, or Intune denies app-only access.",
            .operator,
            "Run `enrollment-gateway doctor --profile ID --create`: it tells these apart."
        ),
        .init(
            .gateway,
            "graph-unreachable",
            "No connection to Graph could be made. Nothing was sent.",
            .operator,
            "Run `enrollment-gateway doctor`: it says whether name, connection, proxy or certificates are to blame."
        ),
        .init(
            .gateway,
            "graph-failed",
            "Graph failed, and nothing was changed.",
            .microsoft,
            "Send the request again: that is safe. If it lasts, look at the service health in the Microsoft 365 admin center, and open a support case with the log's graph.request_id."
        ),
        .init(
            .gateway,
            "outcome-unknown",
            "The request went out, its answer was lost, and reading the profile could not settle whether the enrollment token was made, or revoked.",
            .caller,
            "Read the profile's token, or look at the profile in the Intune admin center, before asking again. Another creation makes another enrollment token, which replaces what the profile shows; another revocation does no harm."
        ),
        .init(
            .gateway,
            "graph-timeout",
            "Graph did not answer a read in time. Nothing was changed.",
            .microsoft,
            "Send the request again: that is safe. If it lasts, look at the service health in the Microsoft 365 admin center, and whether GRAPH_DEADLINE is long enough."
        ),
        // The gateway itself.
        .init(
            .gateway,
            "ledger-unavailable",
            "The ledger cannot be written, so that nothing was sent: a creation that is not on record could be made twice.",
            .operator,
            "Look at what /readyz and the log say of the ledger: the disk is full or read-only, or the database cannot be reached. It comes back by itself."
        ),
        .init(
            .gateway,
            "starting",
            "The gateway has just started and still finds out what came of requests before its start.",
            .nobody,
            "Wait for Retry-After: it takes some seconds, and 20 at most."
        ),
        .init(
            .gateway,
            "overloaded",
            "The gateway has as much at work as it may.",
            .caller,
            "Wait for Retry-After. The operator's limit is HTTP_MAX_IN_FLIGHT."
        ),
        .init(
            .gateway,
            "shutting-down",
            "The gateway is being stopped.",
            .nobody,
            "Send the request again: another instance, or the next start, answers it."
        ),
        .init(
            .gateway,
            "internal",
            "A defect of the gateway.",
            .operator,
            "Look for the request id in the log, and report what is there."
        ),
    ]
}
