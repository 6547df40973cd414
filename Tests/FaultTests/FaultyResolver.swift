import CurlTransport
import Dispatch
import NIOConcurrencyHelpers

/// Looks up the one name of the fake Graph, or does not.
final class FaultyResolver: Sendable {
    enum Manner: Sendable {
        case knowsNothing, hangs
        /// Only the first lookup is answered.
        case forgets, hangsLater
    }

    static let host = "graph.test"

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
            case .forgets where isFirst, .hangsLater where isFirst:
                return .success([HostAddress("127.0.0.1")!])
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
