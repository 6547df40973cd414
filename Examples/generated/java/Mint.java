import gateway.client.ApiClient;
import gateway.client.ApiException;
import gateway.client.api.EnrollmentTokenApi;
import gateway.client.model.Problem;
import gateway.client.model.Problem.OutcomeEnum;
import gateway.client.model.TokenRequest;
import java.net.ConnectException;
import java.time.Duration;
import java.util.UUID;

/**
 * Mints an enrollment token with the client that openapi-generator makes of openapi.yaml (java, library native).
 *
 * <p>The client sends one request and judges little. Whether to send another is said by ../../java/Mint.java.
 * Ends with 0 if it was created, 1 if not, 2 if that is unknown.
 */
public final class Mint {
    public static void main(String[] arguments) {
        var client = new ApiClient();
        client.updateBaseUri(System.getenv("GATEWAY_URL"));
        // The generator's native library leaves the security scheme to its user.
        client.setRequestInterceptor(request -> request.header("X-API-Key", System.getenv("GATEWAY_API_KEY")));
        // Longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE).
        client.setReadTimeout(Duration.ofSeconds(40));
        var api = new EnrollmentTokenApi(client);
        // Never null: the client would send the word null, which is no object.
        var request = new TokenRequest().tokenValidityInSeconds(3600);
        var profile = UUID.fromString(System.getenv("PROFILE_ID"));
        try {
            var token = api.createToken(profile, "return=representation", null, null, null, request);
            System.out.println("created " + token.getExpiresAt());
            // Where the profile was slow there is none.
            if (token.getValue() != null) System.out.println(token.getValue());
        } catch (ApiException error) {
            System.exit(explain(client, error));
        }
    }

    /** The exit code, when it has said what happened. */
    private static int explain(ApiClient client, ApiException error) {
        if (error.getCause() instanceof ConnectException) {
            System.err.println("not created: unreachable");
            return 1;
        }
        try {
            var problem = client.getObjectMapper().readValue(error.getResponseBody(), Problem.class);
            if (problem.getOutcome() != OutcomeEnum.UNKNOWN) {
                System.err.println("not created: " + problem.getCode() + ": " + problem.getDetail());
                return 1;
            }
        } catch (java.io.IOException | IllegalArgumentException noProblem) {
            // No answer, or one that openapi.yaml does not know, such as a proxy's.
        }
        System.err.println("unknown: look at the profile before you mint again");
        return 2;
    }
}
