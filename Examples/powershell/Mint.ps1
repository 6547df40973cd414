#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Mints an enrollment token through the gateway and prints when it ends and what it is.
.DESCRIPTION
    GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
    lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.
.EXAMPLE
    pwsh -File Mint.ps1 3600 device-owner
#>
param([string] $Validity = '', [string] $Kind = '')

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$maxTries = 4 # of one wish
$maxReads = 5 # of the value, where the profile is slow to show it
$timeout = 40 # for one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE)
$sameToken = 5 # seconds by which two accounts of one token's end may differ
$giveUp = [DateTimeOffset]::UtcNow.AddSeconds(120) # the time for all of it, waits included

function Stop-Minting([int] $ExitCode, [string] $Text) {
    [Console]::Error.WriteLine($Text)
    exit $ExitCode
}

# An answer with its members, or an error; `Sent` is false if there was no connection, and the gateway has seen nothing.
function Invoke-Gateway([string] $Method, [hashtable] $Headers = @{}, [string] $Body) {
    $request = @{
        Uri = $tokenUrl; Method = $Method; Headers = $Headers + @{ 'X-API-Key' = $apiKey }
        ConnectionTimeoutSeconds = $timeout; OperationTimeoutSeconds = $timeout; SkipHttpErrorCheck = $true
        MaximumRedirection = 0 # The key is for the gateway alone.
    }
    # Always a body with a POST: without one, .NET repeats it by itself where a kept connection has ended.
    if ($Body) { $request += @{ Body = $Body; ContentType = 'application/json' } }
    try {
        $response = Invoke-WebRequest @request
    } catch {
        $exception = $_.Exception
        $reason = $exception -is [System.Net.Http.HttpRequestException] ? "$($exception.HttpRequestError)" : ''
        $sent = $reason -notin 'NameResolutionError', 'ConnectionError', 'SecureConnectionError'
        return @{ Status = 0; Sent = $sent; Error = $reason ? $reason : $exception.GetType().Name; RetryAfter = $null; Members = @{} }
    }
    # Content is bytes where the media type is no text, as with application/problem+json in some versions.
    $text = $response.Content -is [byte[]] ? [Text.Encoding]::UTF8.GetString($response.Content) : $response.Content
    $members = @{}
    try {
        $parsed = $text | ConvertFrom-Json -AsHashtable
        if ($parsed -is [System.Collections.IDictionary]) { $members = $parsed }
    } catch {
        # Without members: it is not the gateway's.
    }
    $seconds = "$($response.Headers['Retry-After'])"
    $retryAfter = $seconds -match '^\d{1,6}$' ? [int] $seconds : $null
    @{ Status = [int] $response.StatusCode; Sent = $true; Error = $null; RetryAfter = $retryAfter; Members = $members }
}

# False if there is no time for that. Some more than asked for: others were told the same number.
function Wait-Some([double] $Seconds) {
    $Seconds += Get-Random -Maximum 1.0
    if ([DateTimeOffset]::UtcNow.AddSeconds($Seconds) -gt $giveUp) { return $false }
    Start-Sleep -Milliseconds ([int] ($Seconds * 1000))
    $true
}

# What the gateway says of the new token.
function New-EnrollmentToken([string] $Body) {
    $key = [guid]::NewGuid().ToString() # one for this wish, the same each time that it is sent
    $unknown = $null # what became of an earlier request, if that is not known
    $tries = 1
    while ($true) {
        $headers = @{ Prefer = 'return=representation' }
        if ($key) { $headers['Idempotency-Key'] = $key }
        $answer = Invoke-Gateway POST $headers $Body
        $status, $members = $answer.Status, $answer.Members
        $failure, $running = $null, $false
        if ($answer.Error -and -not $answer.Sent) {
            $failure, $repeatable = "unreachable: $($answer.Error)", $true
        } elseif ($answer.Error) {
            # With the key it is safe to ask again: the gateway then answers as it did, or would have done.
            $unknown = "the connection ended without an answer ($($answer.Error))"
            $repeatable = [bool] $key
        } elseif ($status -eq 201 -and $members['expiresAt']) {
            return $members
        } else {
            $code = $members['code'] ?? "http-$status"
            if ($code -eq 'idempotency-unavailable' -and $key -and -not $unknown) {
                $key = $null # This gateway remembers nothing. It did nothing either: once more, without the key.
                continue
            }
            $failure = "${code}: $($members['detail'] ?? 'this is no answer of the gateway')"
            $running = $code -eq 'idempotency-in-progress' # The first request still runs: waiting for it is no try.
            $outcome = $members['outcome']
            if ($outcome -eq 'not-created' -or ($status -ge 400 -and $status -lt 500 -and $outcome -ne 'unknown')) {
                $repeatable = $running -or $status -in 429, 503
            } else {
                $unknown = $failure
                $repeatable = [bool] $key
            }
        }
        # A refusal says nothing of an earlier request that was lost, so that one stays unknown.
        $wait = $answer.RetryAfter ?? [math]::Pow(2, $tries - 1)
        if (-not $repeatable -or ($tries -eq $maxTries -and -not $running) -or -not (Wait-Some $wait)) {
            if ($unknown) { Stop-Minting 2 "unknown: $unknown; look at the profile before you mint again" }
            Stop-Minting 1 "not created: $failure"
        }
        if (-not $running) { $tries++ }
    }
}

# The value of the token that ends then; nothing while the profile still shows another.
function Read-EnrollmentToken([DateTimeOffset] $ExpiresAt) {
    $wait = 1
    for ($reads = 0; $reads -lt $maxReads -and (Wait-Some $wait); $reads++) {
        $answer = Invoke-Gateway GET
        $status, $members = $answer.Status, $answer.Members
        $wait = $answer.RetryAfter ?? 1
        if ($status -eq 200 -and $members['value']) {
            $difference = (ConvertTo-Moment $members['expiresAt']) - $ExpiresAt
            if ([math]::Abs($difference.TotalSeconds) -le $sameToken) { return $members['value'] }
        } elseif ($status -ge 400 -and $status -lt 500 -and $status -ne 429) {
            return # This key may not read, or this gateway cannot.
        }
    }
}

# ConvertFrom-Json has made a DateTime of it, or has left it a text: that depends on the version.
function ConvertTo-Moment($Value) {
    if ($Value -is [datetime]) { return [DateTimeOffset]::new($Value.ToUniversalTime()) }
    [DateTimeOffset]::Parse($Value, [cultureinfo]::InvariantCulture)
}

$apiKey = "$env:GATEWAY_API_KEY".Trim()
# What cannot be a header would be shown in an exception's text.
if (-not $env:GATEWAY_URL -or -not $env:PROFILE_ID -or $apiKey -notmatch '\A[!-~]+\z') {
    Stop-Minting 64 'GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set'
}
if ($args.Count -or $Validity -notmatch '\A[0-9]*\z') { Stop-Minting 64 'usage: pwsh -File Mint.ps1 [VALIDITY_SECONDS [KIND]]' }

$tokenUrl = "$($env:GATEWAY_URL.TrimEnd('/'))/profiles/$([uri]::EscapeDataString($env:PROFILE_ID))/token"
if ($Kind) { $tokenUrl += "?kind=$([uri]::EscapeDataString($Kind))" }

$token = New-EnrollmentToken ($Validity ? "{`"tokenValidityInSeconds`": $Validity}" : '{}')
$expiresAt = ConvertTo-Moment $token['expiresAt']
"created $($expiresAt.UtcDateTime.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture))"
$value = $token['value'] ?? (Read-EnrollmentToken $expiresAt)
if ($value) { $value } else { [Console]::Error.WriteLine('no value yet: look at the profile') }
exit 0
