import Activity
import Console
import Logging
import Transport

@testable import Entra
@testable import KeyRing

extension ConsoleReading {
    /// Of a gateway that has just started.
    static var sample: ConsoleReading {
        ConsoleReading(
            now: .now,
            startedAt: .now,
            version: "1.2.3",
            checks: [],
            accessToken: TokenHealth(TokenState(policy: TokenPolicy()), at: .now),
            credential: CredentialFacts(kind: .clientSecret, origin: "AZURE_CLIENT_SECRET_FILE"),
            callerCertificate: nil,
            keyRing: KeyRingFacts(KeyRingDocument(), hasSingle: true, generation: 1, at: .now),
            gauges: [],
            pacingClosedFor: nil,
            history: RequestHistory().reading(at: .now)
        )
    }
}
