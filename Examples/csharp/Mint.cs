// Mints an enrollment token through the gateway and prints when it ends and what it is. .NET 8, without packages.
//
//     dotnet run -- [VALIDITY_SECONDS [KIND]]
//
// GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
// lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

string baseUrl = Variable("GATEWAY_URL"), apiKey = Variable("GATEWAY_API_KEY"), profileId = Variable("PROFILE_ID");
// What cannot be a header would be shown in an exception's text.
if (baseUrl == "" || profileId == "" || !Regex.IsMatch(apiKey, @"\A[!-~]+\z"))
    return End(64, "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set");
if (args.Length > 2 || (args.Length > 0 && !Regex.IsMatch(args[0], @"\A[0-9]+\z")))
    return End(64, "usage: dotnet run -- [VALIDITY_SECONDS [KIND]]");

string query = args.Length == 2 ? "?kind=" + Uri.EscapeDataString(args[1]) : "";
string tokenUrl = $"{baseUrl.TrimEnd('/')}/profiles/{Uri.EscapeDataString(profileId)}/token{query}";
string body = args.Length > 0 ? $"{{\"tokenValidityInSeconds\": {args[0]}}}" : "{}";

var gateway = new Gateway(tokenUrl, apiKey);
Result result = await gateway.MintAsync(body);
if (result.ExpiresAt is not DateTimeOffset expiresAt)
    return End(result.ExitCode, result.Text);

Console.WriteLine(FormattableString.Invariant($"created {expiresAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"));
string? value = result.Value ?? await gateway.ReadValueAsync(expiresAt);
if (value is null)
    return End(0, "no value yet: look at the profile");
Console.WriteLine(value);
return 0;

static string Variable(string name) => Environment.GetEnvironmentVariable(name)?.Trim() ?? "";

static int End(int exitCode, string text)
{
    Console.Error.WriteLine(text);
    return exitCode;
}

/// <summary>A token, which has an end and perhaps a value; or else what to say, and how to end.</summary>
sealed record Result(DateTimeOffset? ExpiresAt, string? Value, int ExitCode, string Text);

/// <summary>An answer's status, Retry-After and members, as far as it has them.</summary>
sealed record Answer(int Status, TimeSpan? RetryAfter, JsonElement Members)
{
    public string? Text(string name) =>
        Members.ValueKind == JsonValueKind.Object && Members.TryGetProperty(name, out JsonElement member)
            && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    public DateTimeOffset? ExpiresAt =>
        Text("expiresAt") is not null && Members.GetProperty("expiresAt").TryGetDateTimeOffset(out DateTimeOffset end)
            ? end : null;
}

sealed class Gateway(string tokenUrl, string apiKey)
{
    const int MaxTries = 4; // of one wish
    const int MaxReads = 5; // of the value, where the profile is slow to show it
    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(120); // for all of it, waits included
    // For one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE).
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);
    static readonly TimeSpan SameToken = TimeSpan.FromSeconds(5); // by which two accounts of one token's end may differ

    // The key is for the gateway alone: redirections are not followed.
    readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };
    readonly DateTimeOffset giveUp = DateTimeOffset.UtcNow + MaxTime;

    public async Task<Result> MintAsync(string body)
    {
        string? key = Guid.NewGuid().ToString(); // one for this wish, the same each time that it is sent
        string? unknown = null; // what became of an earlier request, if that is not known
        for (int tries = 1; ; tries++)
        {
            string failure = "";
            bool repeatable;
            bool running = false;
            var wait = TimeSpan.FromSeconds(1 << (tries - 1));
            try
            {
                // Always with a body: HttpClient repeats a POST without one by itself where a kept connection has ended.
                using var request = new HttpRequestMessage(HttpMethod.Post, tokenUrl);
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                request.Headers.Add("Prefer", "return=representation");
                if (key is not null)
                    request.Headers.Add("Idempotency-Key", key);
                Answer answer = await AskAsync(request);

                if (answer.Status == 201 && answer.ExpiresAt is DateTimeOffset end)
                    return new Result(end, answer.Text("value"), 0, "");
                string code = answer.Text("code") ?? $"http-{answer.Status}";
                if (code == "idempotency-unavailable" && key is not null && unknown is null)
                {
                    key = null; // This gateway remembers nothing. It did nothing either: once more, without the key.
                    tries--;
                    continue;
                }
                failure = $"{code}: {answer.Text("detail") ?? "this is no answer of the gateway"}";
                running = code == "idempotency-in-progress"; // The first request still runs: waiting for it is no try.
                string? outcome = answer.Text("outcome");
                if (outcome == "not-created" || (answer.Status is >= 400 and < 500 && outcome != "unknown"))
                {
                    repeatable = running || answer.Status is 429 or 503;
                }
                else
                {
                    unknown = failure;
                    repeatable = key is not null;
                }
                wait = answer.RetryAfter ?? wait;
            }
            catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.NameResolutionError
                or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
            {
                failure = $"unreachable: {error.HttpRequestError}"; // There was no connection: nothing was sent.
                repeatable = true;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // With the key it is safe to ask again: the gateway then answers as it did, or would have done.
                unknown = $"the connection ended without an answer ({error.GetType().Name})";
                repeatable = key is not null;
            }
            // A refusal says nothing of an earlier request that was lost, so that one stays unknown.
            if (!repeatable || (tries == MaxTries && !running) || !await WaitAsync(wait))
            {
                return unknown is null
                    ? new Result(null, null, 1, $"not created: {failure}")
                    : new Result(null, null, 2, $"unknown: {unknown}; look at the profile before you mint again");
            }
            if (running)
                tries--;
        }
    }

    /// <summary>The value of the token that ends then; null while the profile still shows another.</summary>
    public async Task<string?> ReadValueAsync(DateTimeOffset expiresAt)
    {
        var wait = TimeSpan.FromSeconds(1);
        for (int reads = 0; reads < MaxReads && await WaitAsync(wait); reads++)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, tokenUrl);
                Answer answer = await AskAsync(request);
                wait = answer.RetryAfter ?? TimeSpan.FromSeconds(1);
                if (answer.Status == 200 && answer.Text("value") is string value)
                {
                    if ((answer.ExpiresAt - expiresAt)?.Duration() <= SameToken)
                        return value;
                }
                else if (answer.Status is >= 400 and < 500 and not 429)
                {
                    return null; // This key may not read, or this gateway cannot.
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                wait = TimeSpan.FromSeconds(1); // Reading may be repeated as one likes.
            }
        }
        return null;
    }

    async Task<Answer> AskAsync(HttpRequestMessage request)
    {
        request.Headers.Add("X-API-Key", apiKey);
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        JsonElement members = default;
        try
        {
            members = JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            // Without members: it is not the gateway's.
        }
        return new Answer((int)response.StatusCode, response.Headers.RetryAfter?.Delta, members);
    }

    /// <summary>False if there is no time for that. Some more than asked for: others were told the same number.</summary>
    async Task<bool> WaitAsync(TimeSpan time)
    {
        time += TimeSpan.FromSeconds(Random.Shared.NextDouble());
        if (DateTimeOffset.UtcNow + time > giveUp)
            return false;
        await Task.Delay(time);
        return true;
    }
}
