import CurlTransport
import Dispatch
import Foundation
import NIOConcurrencyHelpers
import Synchronization

/// Looks up the one name of the fake Graph, or does not.
final class FaultyResolver: Sendable {
    enum Manner: Sendable {
        case sound, knowsNothing, hangs
        /// Only the first lookup is answered.
        case forgets, hangsLater
    }

    static let host = "graph.test"
    /// Of nobody else, neither in this process nor, most likely, in another: a port there is free until it is taken again.
    let address: String

    private static let addresses = Atomic(0)
    private let manner: Manner
    private let gate = DispatchSemaphore(value: 0)
    private let count = NIOLockedValueBox(0)

    init(_ manner: Manner) {
        self.manner = manner
        let index = Self.addresses.add(1, ordering: .relaxed).oldValue
        address = "127.\(64 + getpid() % 128).\(index / 250 % 250).\(1 + index % 250)"
    }

    var lookup: HostLookup {
        { [self] _ in
            let isFirst = count.withLockedValue { count in
                count += 1
                return count == 1
            }
            switch manner {
            case .sound,
                .forgets where isFirst, .hangsLater where isFirst:
                return .success([HostAddress(address)!])
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
