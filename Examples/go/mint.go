// Mint makes an enrollment token through the gateway and prints when it ends and what it is.
//
//	go build -o mint mint.go && ./mint [VALIDITY_SECONDS [KIND]]
//
// Not with `go run`, which makes 1 of every exit code.
//
// GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
// lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.
package main

import (
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	maxTries  = 4                 // of one wish
	maxReads  = 5                 // of the value, where the profile is slow to show it
	maxTime   = 120 * time.Second // for all of it, waits included
	timeout   = 40 * time.Second  // for one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE)
	sameToken = 5 * time.Second   // by which two accounts of one token's end may differ
)

// members of a 201, of a token that was read, and of a problem.
type members struct {
	ExpiresAt time.Time `json:"expiresAt"`
	Value     string    `json:"value"`
	Code      string    `json:"code"`
	Detail    string    `json:"detail"`
	Outcome   string    `json:"outcome"`
}

type answer struct {
	members
	status     int
	retryAfter time.Duration // negative where the answer says nothing
}

// failure is what to say, and how to end.
type failure struct {
	exitCode int
	text     string
}

type gateway struct {
	tokenURL, apiKey string
	giveUp           time.Time
	client           *http.Client
}

// ask sends one request. Where it fails, sent is false if there was no connection: the gateway has seen nothing then.
func (g *gateway) ask(method, body string, header http.Header) (result answer, sent bool, err error) {
	request, err := http.NewRequest(method, g.tokenURL, strings.NewReader(body))
	if err != nil {
		return answer{}, false, err
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("X-API-Key", g.apiKey)
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }}
	// By itself net/http repeats a request that has an Idempotency-Key, and a GET, and never another.
	response, err := g.client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if err != nil {
		return answer{}, sent, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, true, err
	}
	result = answer{status: response.StatusCode, retryAfter: -1}
	// An answer that is no such JSON has no members: it is not the gateway's.
	_ = json.Unmarshal(text, &result.members)
	if seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 32); err == nil {
		result.retryAfter = time.Duration(seconds) * time.Second
	}
	return result, true, nil
}

// wait returns false if there is no time for that. Some more than asked for: others were told the same number.
func (g *gateway) wait(duration time.Duration) bool {
	duration += time.Duration(rand.Int63n(int64(time.Second)))
	if time.Now().Add(duration).After(g.giveUp) {
		return false
	}
	time.Sleep(duration)
	return true
}

// mint returns what the gateway says of the new token.
func (g *gateway) mint(body string) (answer, *failure) {
	key := newUUID() // one for this wish, the same each time that it is sent
	unknown := ""    // what became of an earlier request, if that is not known
	for tries := 1; ; tries++ {
		header := http.Header{"Content-Type": {"application/json"}, "Prefer": {"return=representation"}}
		if key != "" {
			header.Set("Idempotency-Key", key)
		}
		result, sent, err := g.ask(http.MethodPost, body, header)
		text, repeatable, running, wait := "", false, false, time.Second<<(tries-1)
		switch {
		case err != nil && !sent:
			text, repeatable = "unreachable: "+err.Error(), true
		case err != nil:
			// With the key it is safe to ask again: the gateway then answers as it did, or would have done.
			unknown, repeatable = "the connection ended without an answer ("+err.Error()+")", key != ""
		case result.status == http.StatusCreated && !result.ExpiresAt.IsZero():
			return result, nil
		case result.Code == "idempotency-unavailable" && key != "" && unknown == "":
			key = "" // This gateway remembers nothing. It did nothing either: once more, without the key.
			tries--
			continue
		default:
			text = describe(result)
			running = result.Code == "idempotency-in-progress" // The first request still runs: waiting for it is no try.
			if result.Outcome == "not-created" || (result.status/100 == 4 && result.Outcome != "unknown") {
				repeatable = running || result.status == http.StatusTooManyRequests ||
					result.status == http.StatusServiceUnavailable
			} else {
				unknown, repeatable = text, key != ""
			}
			if result.retryAfter >= 0 {
				wait = result.retryAfter
			}
		}
		// A refusal says nothing of an earlier request that was lost, so that one stays unknown.
		if !repeatable || (tries == maxTries && !running) || !g.wait(wait) {
			if unknown != "" {
				return answer{}, &failure{2, "unknown: " + unknown + "; look at the profile before you mint again"}
			}
			return answer{}, &failure{1, "not created: " + text}
		}
		if running {
			tries--
		}
	}
}

// readValue returns the value of the token that ends then, or nothing while the profile still shows another.
func (g *gateway) readValue(expiresAt time.Time) string {
	wait := time.Second
	for reads := 0; reads < maxReads && g.wait(wait); reads++ {
		result, _, err := g.ask(http.MethodGet, "", nil)
		if err != nil {
			continue
		}
		wait = time.Second
		if result.retryAfter >= 0 {
			wait = result.retryAfter
		}
		if result.status == http.StatusOK && result.Value != "" {
			if difference := result.ExpiresAt.Sub(expiresAt); -sameToken <= difference && difference <= sameToken {
				return result.Value
			}
		} else if result.status/100 == 4 && result.status != http.StatusTooManyRequests {
			return "" // This key may not read, or this gateway cannot.
		}
	}
	return ""
}

func describe(result answer) string {
	if result.Code == "" {
		return fmt.Sprintf("http-%d: this is no answer of the gateway", result.status)
	}
	return result.Code + ": " + result.Detail
}

// newUUID makes one of version 4 (RFC 9562).
func newUUID() string {
	var bytes [16]byte
	if _, err := crand.Read(bytes[:]); err != nil {
		panic(err)
	}
	bytes[6], bytes[8] = bytes[6]&0x0F|0x40, bytes[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}

func end(exitCode int, text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(exitCode)
}

func main() {
	base, apiKey, profile := os.Getenv("GATEWAY_URL"), strings.TrimSpace(os.Getenv("GATEWAY_API_KEY")), os.Getenv("PROFILE_ID")
	arguments, body := os.Args[1:], "{}"
	if base == "" || profile == "" || !regexp.MustCompile(`^[!-~]+$`).MatchString(apiKey) {
		end(64, "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set")
	}
	if len(arguments) > 0 {
		if _, err := strconv.ParseUint(arguments[0], 10, 31); err != nil || len(arguments) > 2 {
			end(64, "usage: go build -o mint mint.go && ./mint [VALIDITY_SECONDS [KIND]]")
		}
		body = `{"tokenValidityInSeconds": ` + arguments[0] + `}`
	}
	tokenURL := strings.TrimSuffix(base, "/") + "/profiles/" + url.PathEscape(profile) + "/token"
	if len(arguments) == 2 {
		tokenURL += "?" + url.Values{"kind": {arguments[1]}}.Encode()
	}
	rand.Seed(time.Now().UnixNano())
	// The key is for the gateway alone: redirections are not followed.
	client := &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	gateway := &gateway{tokenURL, apiKey, time.Now().Add(maxTime), client}

	token, failed := gateway.mint(body)
	if failed != nil {
		end(failed.exitCode, failed.text)
	}
	fmt.Println("created", token.ExpiresAt.UTC().Format(time.RFC3339))
	value := token.Value
	if value == "" {
		value = gateway.readValue(token.ExpiresAt)
	}
	if value == "" {
		fmt.Fprintln(os.Stderr, "no value yet: look at the profile")
		return
	}
	fmt.Println(value)
}
