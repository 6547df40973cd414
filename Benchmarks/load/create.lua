-- POST /profiles/<id>/token with an id of its own for each request, counted up from 0: see Benchmarks/README.md. After
-- BENCH_PROFILES of them it begins anew. With BENCH_KEYS each has an Idempotency-Key: that text and the request's number, or
-- with BENCH_REPLAY that text alone.
local key = os.getenv("BENCH_KEY")
local body = '{"tokenValidityInSeconds":' .. os.getenv("BENCH_VALIDITY") .. '}'
local first = tonumber(os.getenv("BENCH_FIRST") or "0")
local profiles = tonumber(os.getenv("BENCH_PROFILES"))
local keys = os.getenv("BENCH_KEYS")
local isReplay = os.getenv("BENCH_REPLAY")
local head = "-0000-4000-8000-000000000000/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: " .. key
   .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body
local tail = "\r\n\r\n" .. body
local format = string.format
local sent = -1

function request()
   sent = sent + 1
   local field = ""
   if keys then field = "\r\nIdempotency-Key: " .. keys .. (isReplay and "" or sent) end
   return format("POST /profiles/%08x", first + sent % profiles) .. head .. field .. tail
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(format(
      '\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"max":%d,"socket_errors":%d,"status_errors":%d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
