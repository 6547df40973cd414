import Activity
import Foundation
import Graph
import NIOCore
import PageTexts
import Settings
import Transport

@testable import Console
@testable import Entra
@testable import KeyRing

/// 2026-11-29 12:00:20 UTC
let noon = Timestamp(secondsSince1970: 1_795_953_620)
let minute = Duration.seconds(60)
let hour = Duration.seconds(3600)
let day = Duration.seconds(86_400)

/// A page of the console as it is read.
func overview(_ reading: ConsoleReading, _ language: PageLanguage = .english, page: Int = 1) throws -> Markup {
    try Markup(html: OverviewPage(reading, .init(language: language, page: page)).html)
}

extension ConsoleReading {
    /// A gateway that is well, with nothing asked of it yet.
    static func sample(_ change: (inout ConsoleReading) -> Void = { _ in }) -> ConsoleReading {
        var reading = ConsoleReading(
            now: noon,
            startedAt: noon - hour * 5,
            version: "1.2.3",
            checks: ["serving", "access-token", "permission", "credential", "key-ring", "ledger"].map {
                Check(name: $0, status: .ready)
            },
            accessToken: .sample(age: minute * 12, life: hour),
            credential: .sampleSecret(endsIn: day * 200),
            callerCertificate: CredentialExpiry(.callerCertificate, endsAt: noon + day * 61),
            keyRing: .sample(hasSingle: true),
            gauges: [
                .init(.inFlight, 3, of: 256), .init(.connections, 41, of: 1024), .init(.upstream, 2, of: 128),
                .init(.pacing, 17, of: 20), .init(.waitingForPacing, 0), .init(.waitingForTurn, 1),
                .init(.ledgerBacklog, 0), .init(.unsettled, 0),
            ],
            pacingClosedFor: nil,
            history: .init()
        )
        reading.history.start = RequestName.sample(1).start
        change(&reading)
        return reading
    }

    /// The same with one check that is not in order.
    static func sample(_ name: String, _ status: Check.Status, _ detail: String, message: String? = nil) -> Self {
        sample { reading in
            for index in reading.checks.indices where reading.checks[index].name == name {
                reading.checks[index] = Check(name: name, status: status, detail: detail, message: message)
            }
        }
    }
}

extension TokenHealth {
    private static let moment = ContinuousClock.now

    /// One that was fetched `age` ago.
    static func sample(age: Duration, life: Duration, failing error: EntraError? = nil) -> TokenHealth {
        var state = TokenState(policy: TokenPolicy(random: { 0.5 }))
        _ = state.read(at: moment - age)
        let answer = #"{"token_type": "Bearer", "access_token": "abc", "expires_in": \#(Int(life.seconds))}"#
        let grant = try! TokenGrant(ByteBuffer(string: answer))
        _ = state.obtained(grant, answering: nil, askedAt: moment - age, at: moment - age)
        if let error { _ = state.failed(error, answering: nil, at: moment) }
        return TokenHealth(state, at: moment)
    }

    /// None.
    static func sample(failing error: EntraError? = nil, isFetching: Bool = false) -> TokenHealth {
        var state = TokenState(policy: TokenPolicy(random: { 0.5 }))
        if let error { _ = state.failed(error, answering: nil, at: moment) }
        if isFetching { _ = state.read(at: moment) }
        return TokenHealth(state, at: moment)
    }
}

extension EntraError {
    static let secretExpired = EntraError(
        .refused,
        reason: .secretExpired,
        aadsts: 7_000_222,
        oauthError: "invalid_client",
        traceID: "0d1f2a3b-0000-4000-8000-00000000abcd",
        correlationID: "1e2f3a4b-0000-4000-8000-00000000abcd",
        detail: "Entra answered 401 invalid_client, AADSTS7000222"
    )
    static let unreachable = EntraError(
        .unavailable,
        reason: .unreachable,
        detail: "connect-failed: Failed to connect to login.microsoftonline.com port 443"
    )
}

extension CredentialFacts {
    static func sampleSecret(endsIn left: Duration?) -> CredentialFacts {
        CredentialFacts(
            kind: .clientSecret,
            origin: "AZURE_CLIENT_SECRET_FILE",
            inUse: Content(generation: 2, loadedAt: noon - hour * 5, certificate: nil),
            isProven: true,
            secretEndsAt: left.map { noon + $0 }
        )
    }

    static func sampleCertificate(endsIn left: Duration) -> CredentialFacts {
        CredentialFacts(
            kind: .clientCertificate,
            origin: "/etc/enrollment-gateway/client.pem",
            inUse: Content(
                generation: 1,
                loadedAt: noon - hour * 5,
                certificate: CertificateFacts(
                    sha1: "3F2A9C04D1E87B563F2A9C04D1E87B563F2A9C04",
                    sha256: String(repeating: "AB", count: 32),
                    notBefore: noon - day * 300,
                    notAfter: noon + left
                )
            ),
            isProven: true
        )
    }
}

extension KeyRingFacts {
    static func sample(_ entries: [KeyEntry] = [], hasSingle: Bool = false) -> KeyRingFacts {
        KeyRingFacts(KeyRingDocument(entries: entries), hasSingle: hasSingle, generation: 3, at: noon - hour * 2)
    }
}

extension KeyID {
    /// The id of a number.
    static func number(_ number: Int) -> KeyID {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        return KeyID(String((0..<8).map { alphabet[number >> (35 - 5 * $0) & 31] }))!
    }
}

extension ProfileID {
    static func number(_ number: Int) -> ProfileID {
        let digits = String(number, radix: 16)
        return ProfileID("aaaaaaaa-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)!
    }
}

extension KeyEntry {
    static func sample(
        _ number: Int,
        _ caller: String,
        rights: Set<KeyRight> = [.createToken, .readToken],
        profiles: KeyGrant.Profiles = .all,
        rate: CallerRate? = nil,
        notBefore: Timestamp? = nil,
        endsIn left: Duration? = nil,
        revokedAt: Timestamp? = nil,
        comment: String? = nil
    ) -> KeyEntry {
        KeyEntry(
            id: .number(number),
            caller: caller,
            digest: KeyDigest(of: []),
            lastFour: "x7Qa",
            grant: KeyGrant(rights: rights, profiles: profiles),
            rate: rate,
            createdAt: noon - day * 90,
            notBefore: notBefore,
            expiresAt: left.map { noon + $0 },
            revokedAt: revokedAt,
            comment: comment
        )
    }
}

extension RequestHistory.Reading {
    /// An hour of which each minute is what `fill` makes of it.
    static func sample(_ fill: (Int, inout Minute) -> Void) -> Self {
        var reading = Self()
        reading.start = RequestName.sample(1).start
        let present = Timestamp(secondsSince1970: (noon.secondsSince1970 / 60).rounded(.down) * 60)
        reading.minutes = (0..<RequestHistory.minutes).map { index in
            var minute = Minute(start: present - .seconds(60 * (RequestHistory.minutes - 1 - index)))
            fill(index, &minute)
            return minute
        }
        return reading
    }
}

extension RequestName {
    static func sample(_ number: Int) -> RequestName { .init(start: "start", number: number) }
}

extension RequestSummary {
    static func sample(
        _ method: String = "POST",
        status: Int = 201,
        ago: Duration = .seconds(12),
        _ change: (inout RequestSummary) -> Void = { _ in }
    ) -> RequestSummary {
        var summary = RequestSummary(
            requestID: "0f8fad5b-d9cb-469f-a165-70867728950e",
            startedAt: noon - ago,
            duration: .milliseconds(412),
            method: method,
            route: "/profiles/{profileId}/token",
            status: status
        )
        summary.caller = "portal-eu"
        summary.keyID = .number(7)
        summary.profileID = "aaaaaaaa-0000-4000-8000-000000000001"
        change(&summary)
        return summary
    }
}

func attempt(
    _ operation: GraphAttempt.Operation,
    at offset: Int,
    for duration: Int,
    _ purpose: GraphAttempt.Purpose = .send,
    status: Int?,
    error: TransportError.Kind? = nil
) -> RequestSummary.Attempt {
    .init(
        GraphAttempt(
            operation: operation,
            purpose: purpose,
            number: 1,
            startedAt: .now,
            clientRequestID: "c0ffee00-7d2b-4b43-9e0a-1f2e3d4c5b6a",
            status: status,
            requestID: status == nil ? nil : "5c1f2f5e-7d2b-4b43-9e0a-1f2e3d4c5b6a",
            error: error,
            duration: .milliseconds(duration)
        ),
        offset: .milliseconds(offset)
    )
}
