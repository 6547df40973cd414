#!/usr/bin/env bash
# Mints an enrollment token through the gateway and prints when it ends and what it is.
#
#     bash mint.sh [VALIDITY_SECONDS [KIND]]
#
# GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment. Needs curl 7.84 and jq.
# Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.
set -euo pipefail

max_tries=4      # of one wish
max_reads=5      # of the value, where the profile is slow to show it
max_seconds=120  # for all of it, waits included
timeout=40       # for one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE)
same_token=5     # seconds by which two accounts of one token's end may differ

fail() { # CODE TEXT
    printf '%s\n' "$2" >&2
    exit "$1"
}

# Sets `status` (000 without an answer), `retry_after`, `answer` (JSON) and `curl_code`. curl does not repeat by itself.
# The key goes in by a file that is no file: a command line is shown to everybody who lists the processes.
ask() { # METHOD [OPTION…]
    local output
    curl_code=0
    output=$(curl --silent --max-time "$timeout" --request "$@" \
        --header @<(printf 'X-API-Key: %s\n' "$GATEWAY_API_KEY") \
        --write-out '\n%{http_code} %header{retry-after}' "$url") || curl_code=$?
    read -r status retry_after <<<"${output##*$'\n'}"
    [[ $retry_after =~ ^[0-9]{1,6}$ ]] || retry_after=
    answer=$(jq -ce 'objects' <<<"${output%$'\n'*}" 2>/dev/null) || answer='{}'
}

member() { # NAME: a member of the answer, or nothing
    jq -r --arg name "$1" '.[$name] // empty' <<<"$answer"
}

# Fails if there is no time for that. Some more than asked for: others were told the same number.
pause() { # SECONDS
    (( SECONDS + $1 < max_seconds )) && sleep "$1.$(( RANDOM % 10 ))"
}

mint() {
    local body='{}' key unknown='' failure code outcome repeatable running tries=1 headers
    [[ -z $validity ]] || body="{\"tokenValidityInSeconds\": $validity}"
    key=$(uuidgen 2>/dev/null || cat /proc/sys/kernel/random/uuid) # one for this wish, the same each time that it is sent
    while true; do
        headers=(--header 'Content-Type: application/json' --header 'Prefer: return=representation')
        [[ -z $key ]] || headers+=(--header "Idempotency-Key: $key")
        ask POST "${headers[@]}" --data "$body"
        code=$(member code)
        outcome=$(member outcome)
        repeatable=
        running=
        failure="${code:-http-$status}: $(member detail)"
        if (( curl_code == 0 )) && [[ $status == 201 && -n $(member expiresAt) ]]; then
            return
        elif [[ $code == idempotency-unavailable && -n $key && -z $unknown ]]; then
            key= # This gateway remembers nothing. It did nothing either: once more, without the key.
            continue
        elif [[ $curl_code =~ ^(5|6|7|35|60)$ ]]; then
            # No name, no connection or no TLS: nothing was sent, and it may be repeated whatever it was.
            failure="unreachable: curl ended with $curl_code"
            repeatable=yes
        elif (( curl_code == 0 )) && [[ $outcome == not-created || ( $status == 4* && $outcome != unknown ) ]]; then
            [[ $status != 429 && $status != 503 ]] || repeatable=yes
            # The first request still runs: waiting for it is no try.
            [[ $code != idempotency-in-progress ]] || repeatable=yes running=yes
        else
            # With the key it is safe to ask again: the gateway then answers as it did, or would have done.
            unknown=$failure
            (( curl_code == 0 )) || unknown="the connection ended without an answer (curl ended with $curl_code)"
            repeatable=$key
        fi
        # A refusal says nothing of an earlier request that was lost, so that one stays unknown.
        if [[ -z $repeatable || ( $tries == "$max_tries" && -z $running ) ]] ||
            ! pause "${retry_after:-$(( 2 ** (tries - 1) ))}"; then
            [[ -z $unknown ]] || fail 2 "unknown: $unknown; look at the profile before you mint again"
            fail 1 "not created: $failure"
        fi
        [[ -n $running ]] || tries=$(( tries + 1 ))
    done
}

# Prints the value of the token that ends then; nothing while the profile still shows another.
read_value() { # EXPIRES_AT
    local wait=1
    for (( i = 0; i < max_reads; i++ )); do
        pause "$wait" || return 0
        ask GET
        wait=${retry_after:-1}
        if [[ $status == 200 ]]; then
            jq -er --arg expected "$1" --argjson same "$same_token" '
                def seconds: sub("\\.[0-9]+"; "") | fromdateiso8601;
                select(.value and (((.expiresAt | seconds) - ($expected | seconds)) | fabs) <= $same) | .value
            ' <<<"$answer" && return
        elif [[ $status == 4* && $status != 429 ]]; then
            break # This key may not read, or this gateway cannot.
        fi
    done
    return 0
}

printable='^[[:graph:]]+$' # in a header, a line's end would begin another one
[[ -n ${GATEWAY_URL:-} && -n ${PROFILE_ID:-} && ${GATEWAY_API_KEY:-} =~ $printable ]] ||
    fail 64 "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set"
validity=${1:-}
[[ $# -le 2 && $validity =~ ^[0-9]*$ ]] || fail 64 "usage: bash mint.sh [VALIDITY_SECONDS [KIND]]"
url="${GATEWAY_URL%/}/profiles/$(jq -rn --arg id "$PROFILE_ID" '$id | @uri')/token"
[[ -z ${2:-} ]] || url+="?kind=$(jq -rn --arg kind "$2" '$kind | @uri')"

mint
expires_at=$(member expiresAt)
echo "created $expires_at"
value=$(member value)
[[ -n $value ]] || value=$(read_value "$expires_at")
if [[ -n $value ]]; then
    printf '%s\n' "$value"
else
    echo "no value yet: look at the profile" >&2
fi
