#!/usr/bin/env bash
# Writes the QR code of a profile's enrollment token to standard output, as SVG.
#
#     bash qr-code.sh [KIND] > token.svg
#
# GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment. Needs curl 7.76.
set -euo pipefail

if [[ -z ${GATEWAY_URL:-} || -z ${GATEWAY_API_KEY:-} || -z ${PROFILE_ID:-} ]] || (( $# > 1 )); then
    echo "GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set; usage: bash qr-code.sh [KIND] > FILE" >&2
    exit 64
fi

# Reading may be repeated as it likes: curl obeys Retry-After on 429 and 503 by itself.
answer=$(curl --silent --show-error --get --max-time 40 --retry 3 --retry-max-time 120 --fail-with-body \
    --header @<(printf 'X-API-Key: %s\n' "$GATEWAY_API_KEY") --header 'Accept: image/svg+xml' \
    ${1:+--data-urlencode "kind=$1"} "${GATEWAY_URL%/}/profiles/$PROFILE_ID/token/qr-code") || {
    # A problem in JSON, which does not belong into a file that is called .svg.
    printf '%s\n' "$answer" >&2
    exit 1
}
printf '%s\n' "$answer"
