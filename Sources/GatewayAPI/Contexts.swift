import Graph
package import Hummingbird
package import KeyRing
import Logging
import NIOCore
import Synchronization

/// What belongs to one request on its way through the gateway.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Ours, or the caller's where that was a sane one.
    package var requestID: String
    /// Of its path among the routes of its port.
    var place: RouteTable.Place?
    /// Set once the key is known.
    package var caller: Caller?
    let record: RequestRecord
    /// The caller's connection.
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) { self.init(source: source, record: RequestRecord()) }

    init(source: ApplicationRequestContextSource, record: RequestRecord) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        requestID = ""
        self.record = record
    }
}

/// What the access line and the console will say of a request, noted down by whoever knows it.
final class RequestRecord: Sendable {
    struct Facts: Sendable {
        var caller: String?
        /// Which of the caller's keys it was.
        var keyID: KeyID?
        /// What the caller has left of its rate.
        var quota: CallerBucket.Quota?
        /// The caller hung up before its answer was ready.
        var callerLeft = false
        var code: String?
        var outcome: String?
        var profileID: String?
        var graphStatus: Int?
        var graphRequestID: String?
        var graphRequests = 0
        /// What was asked of Graph, in order.
        var attempts: [GraphAttempt] = []
        /// In the ledger.
        var recordID: String?
        /// What an earlier request with the same Idempotency-Key came to was answered again.
        var isReplay = false
    }

    private let facts = Mutex(Facts())

    func note(_ change: (inout Facts) -> Void) { facts.withLock { change(&$0) } }
    var noted: Facts { facts.withLock { $0 } }
}
