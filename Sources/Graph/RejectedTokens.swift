import Entra
import Synchronization

/// Remembers that Graph refused an access token which was fetched only because it had refused the one before.
///
/// A fresh token that is refused means that fetching does not help: a wrong audience, a blocked address. For a while, calls
/// with it end at once instead of asking Entra for another.
final class RejectedTokens: Sendable {
    static let pause = Duration.seconds(30)

    private let last = Mutex<(serial: UInt64, until: ContinuousClock.Instant)?>(nil)

    func rejected(_ token: AccessToken, now: ContinuousClock.Instant) {
        last.withLock { $0 = (token.serial, now.advanced(by: Self.pause)) }
    }

    func mayReplace(_ token: AccessToken, now: ContinuousClock.Instant) -> Bool {
        last.withLock { last in
            guard let last else { return true }
            return last.serial != token.serial || now >= last.until
        }
    }
}
