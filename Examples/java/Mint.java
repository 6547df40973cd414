import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;

/**
 * Mints an enrollment token through the gateway and prints when it ends and what it is. Java 17, without dependencies:
 *
 * <pre>java Mint.java [VALIDITY_SECONDS [KIND]]</pre>
 *
 * GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
 * lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.
 */
public final class Mint {
    static final int MAX_TRIES = 4; // of one wish
    static final int MAX_READS = 5; // of the value, where the profile is slow to show it
    static final Duration MAX_TIME = Duration.ofSeconds(120); // for all of it, waits included
    // For one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE).
    static final Duration TIMEOUT = Duration.ofSeconds(40);
    static final Duration SAME_TOKEN = Duration.ofSeconds(5); // by which two accounts of one token's end may differ

    record Answer(int status, Optional<Long> retryAfter, Map<String, String> members) {}

    /** What to say, and how to end. */
    static final class Failure extends Exception {
        final int exitCode;

        Failure(int exitCode, String text) {
            super(text);
            this.exitCode = exitCode;
        }
    }

    // By itself the client follows no redirection and repeats no POST that was sent.
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final long giveUp = System.nanoTime() + MAX_TIME.toNanos();
    private final URI tokenURL;
    private final String apiKey;

    Mint(URI tokenURL, String apiKey) {
        this.tokenURL = tokenURL;
        this.apiKey = apiKey;
    }

    Answer ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = client.send(
                request.uri(tokenURL).timeout(TIMEOUT).header("X-API-Key", apiKey).build(), BodyHandlers.ofString());
        var retryAfter = response.headers().firstValue("Retry-After").filter(text -> text.matches("\\d{1,6}"));
        return new Answer(response.statusCode(), retryAfter.map(Long::valueOf), members(response.body()));
    }

    /** False if there is no time for that. Some more than asked for: others were told the same number. */
    boolean pause(long seconds) throws InterruptedException {
        long milliseconds = seconds * 1000 + ThreadLocalRandom.current().nextLong(1000);
        if (System.nanoTime() + milliseconds * 1_000_000 - giveUp > 0) return false;
        Thread.sleep(milliseconds);
        return true;
    }

    /** What the gateway says of the new token. */
    Map<String, String> mint(String body) throws Failure, InterruptedException {
        String key = UUID.randomUUID().toString(); // one for this wish, the same each time that it is sent
        String unknown = null; // what became of an earlier request, if that is not known
        for (int tries = 1; ; tries++) {
            var request = HttpRequest.newBuilder().POST(BodyPublishers.ofString(body))
                    .header("Content-Type", "application/json").header("Prefer", "return=representation");
            if (key != null) request.header("Idempotency-Key", key);
            String failure = null;
            boolean repeatable;
            boolean running = false;
            long wait = 1L << (tries - 1);
            try {
                var answer = ask(request);
                int status = answer.status();
                var members = answer.members();
                if (status == 201 && members.containsKey("expiresAt")) return members;
                String code = members.getOrDefault("code", "http-" + status);
                String outcome = members.get("outcome");
                if (code.equals("idempotency-unavailable") && key != null && unknown == null) {
                    key = null; // This gateway remembers nothing. It did nothing either: once more, without the key.
                    tries--;
                    continue;
                }
                failure = code + ": " + members.getOrDefault("detail", "this is no answer of the gateway");
                running = code.equals("idempotency-in-progress"); // The first one still runs: waiting for it is no try.
                if ("not-created".equals(outcome) || (status / 100 == 4 && !"unknown".equals(outcome))) {
                    repeatable = running || status == 429 || status == 503;
                } else {
                    unknown = failure;
                    repeatable = key != null;
                }
                wait = answer.retryAfter().orElse(wait);
            } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException error) {
                failure = "unreachable: no connection (" + error.getClass().getSimpleName() + ")"; // nothing was sent
                repeatable = true;
            } catch (IOException error) {
                // With the key it is safe to ask again: the gateway then answers as it did, or would have done.
                unknown = "the connection ended without an answer (" + error.getClass().getSimpleName() + ")";
                repeatable = key != null;
            }
            // A refusal says nothing of an earlier request that was lost, so that one stays unknown.
            if (!repeatable || (tries == MAX_TRIES && !running) || !pause(wait)) {
                if (unknown == null) throw new Failure(1, "not created: " + failure);
                throw new Failure(2, "unknown: " + unknown + "; look at the profile before you mint again");
            }
            if (running) tries--;
        }
    }

    /** The value of the token that ends then; nothing while the profile still shows another. */
    Optional<String> readValue(Instant expiresAt) throws InterruptedException {
        long wait = 1;
        for (int reads = 0; reads < MAX_READS && pause(wait); reads++) {
            try {
                var answer = ask(HttpRequest.newBuilder().GET());
                wait = answer.retryAfter().orElse(1L);
                String value = answer.members().get("value");
                if (answer.status() == 200 && value != null) {
                    var shown = Instant.parse(answer.members().get("expiresAt"));
                    if (Duration.between(shown, expiresAt).abs().compareTo(SAME_TOKEN) <= 0) return Optional.of(value);
                } else if (answer.status() / 100 == 4 && answer.status() != 429) {
                    return Optional.empty(); // This key may not read, or this gateway cannot.
                }
            } catch (IOException error) {
                wait = 1; // Reading may be repeated as one likes.
            }
        }
        return Optional.empty();
    }

    /**
     * The texts and numbers of a JSON object, without those of objects inside of it; nothing if the text is none. Only to do
     * without dependencies: in a program of your own, use the JSON library that it has.
     */
    static Map<String, String> members(String json) {
        var members = new HashMap<String, String>();
        if (!json.strip().startsWith("{") || !json.strip().endsWith("}")) return members;
        var tokens = Pattern.compile("\"(?<text>(?:[^\"\\\\]|\\\\.)*+)\"|[\\[\\]{}:,]|(?<word>[^\\s\\[\\]{}:,\"]+)").matcher(json);
        int depth = 0;
        String name = null;
        String last = null;
        while (tokens.find()) {
            String text = tokens.group("text");
            String value = text != null ? unescaped(text) : tokens.group("word");
            if (value != null) {
                if (depth == 1 && name != null && !"null".equals(tokens.group("word"))) members.put(name, value);
                last = value;
                name = null;
                continue;
            }
            switch (tokens.group()) {
                case "{", "[" -> depth++;
                case "}", "]" -> depth--;
                default -> { }
            }
            name = tokens.group().equals(":") && depth == 1 ? last : null;
        }
        return members;
    }

    static String unescaped(String text) {
        return Pattern.compile("\\\\(?:u(\\p{XDigit}{4})|(.))").matcher(text).replaceAll(escape -> {
            int control = escape.group(1) == null ? "bfnrt".indexOf(escape.group(2)) : -1;
            String plain = escape.group(1) != null
                    ? String.valueOf((char) Integer.parseInt(escape.group(1), 16))
                    : control < 0 ? escape.group(2) : "\b\f\n\r\t".substring(control, control + 1);
            return Matcher.quoteReplacement(plain);
        });
    }

    static String environment(String name) throws Failure {
        String value = System.getenv().getOrDefault(name, "").strip();
        // What cannot be a header would be shown in an exception's text.
        if (!value.matches("[!-~]+")) throw new Failure(64, "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set");
        return value;
    }

    static void run(String[] arguments) throws Failure, InterruptedException {
        String base = environment("GATEWAY_URL").replaceAll("/$", "");
        String apiKey = environment("GATEWAY_API_KEY");
        String url = base + "/profiles/" + encoded(environment("PROFILE_ID")) + "/token";
        if (arguments.length > 2 || (arguments.length > 0 && !arguments[0].matches("\\d+"))) {
            throw new Failure(64, "usage: java Mint.java [VALIDITY_SECONDS [KIND]]");
        }
        if (arguments.length == 2) url += "?kind=" + encoded(arguments[1]);
        var gateway = new Mint(URI.create(url), apiKey);
        var token = gateway.mint(arguments.length == 0 ? "{}" : "{\"tokenValidityInSeconds\": " + arguments[0] + "}");
        String expiresAt = token.get("expiresAt");
        System.out.println("created " + expiresAt);
        var value = Optional.ofNullable(token.get("value"));
        if (value.isEmpty()) value = gateway.readValue(Instant.parse(expiresAt));
        value.ifPresentOrElse(System.out::println, () -> System.err.println("no value yet: look at the profile"));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(arguments);
        } catch (Failure failure) {
            System.err.println(failure.getMessage());
            System.exit(failure.exitCode);
        }
    }
}
