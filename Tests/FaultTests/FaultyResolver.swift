import CurlTransport
import Dispatch
import NIOConcurrencyHelpers

/// Looks up the one name of the fake Graph, or does not.
final class FaultyResolver: Sendable {
    enum Manner: Sendable {
        case sound, knowsNothing, hangs
        /// Only the first lookup is answered.
        case forgets, hangsLater
    }

    static let host = "graph.test"
    /// None that the system chooses for a socket, so that a port there is not taken by another test as soon as it is free.
    static let address = "127.0.0.77"

    private let manner: Manner
    private let gate = DispatchSemaphore(value: 0)
    private let count = NIOLockedValueBox(0)

    init(_ manner: Manner) { self.manner = manner }

    var lookup: HostLookup {
        { [self] _ in
            let isFirst = count.withLockedValue { count in
                count += 1
                return count == 1
            }
            switch manner {
            case .sound,
                .forgets where isFirst, .hangsLater where isFirst:
                return .success([HostAddress(Self.address)!])
            case .hangs, .hangsLater:
                gate.wait()
                gate.signal()
                return .failure(HostLookupError(detail: "released"))
            case .knowsNothing, .forgets:
                return .failure(HostLookupError(detail: "Name or service not known"))
            }
        }
    }

    /// Ends what hangs, and lets nothing hang any more.
    func release() { gate.signal() }
}
