import NIOCore
import Synchronization
import TestUpstream
import Transport

/// A small Graph over TLS with one profile, whose `createToken` meets a fault. It counts what it sees.
///
/// The profile can always be read. Whatever `createToken` does is one of the row's; see ``Fault``.
final class FaultyGraph: Sendable {
    /// One `createToken` as the server saw it.
    struct Sighting: Sendable {
        var connection: Int
        var stream: UInt32
        var version: Fault.Version
        var isWhole = false
        /// The server itself said, by the protocol's own words, that it was refused unread.
        var isRefused = false
    }

    private struct State {
        /// The profile was read, and `createToken` is about to come.
        var isArmed = false
        var armedEntrances = 0
        var faults = 0
        var sightings: [Sighting] = []
        var reads: [Int] = []
        var readsAfterwards = 0
        var poured = 0
        var isIdleOver = false
        var expiry = Timestamp.now + .seconds(864_000)
        var tokens = 0
    }

    private let row: FaultRow
    private let creates: Bool
    private let state = Mutex(State())

    /// - Parameter creates: whether it creates a token when the fault happens.
    init(_ row: FaultRow, creates: Bool) {
        self.row = row
        self.creates = creates
    }

    var sightings: [Sighting] { state.withLock(\.sightings) }
    /// The connections of the reads, in their order.
    var readConnections: [Int] { state.withLock(\.reads) }
    /// Reads that came after `createToken` was begun.
    var readsAfterwards: Int { state.withLock(\.readsAfterwards) }
    /// Tokens that were created.
    var tokens: Int { state.withLock(\.tokens) }
    /// Bytes that the client took of what was poured over it.
    var poured: Int { state.withLock(\.poured) }
    /// What was to happen on the idle connection has happened.
    var isIdleOver: Bool { state.withLock(\.isIdleOver) }

    /// From now on the fault is there.
    func arm() { state.withLock { $0.isArmed = true } }

    // MARK: What the server asks

    /// What a new connection meets.
    func entrance(sound: Entrance, faulty: Entrance?) -> Entrance {
        state.withLock { state in
            guard state.isArmed, let faulty else { return sound }
            state.armedEntrances += 1
            return row.fault.isPassing && state.armedEntrances > 1 ? sound : faulty
        }
    }

    func handle(_ event: WireServer.Event, _ exchange: Exchange) {
        switch event {
        case .ready:
            if row.fault.moment == .connected, state.withLock({ $0.isArmed && $0.faults == 0 }) { happen(exchange) }
        case .began where exchange.connection.hasBody(exchange.stream):
            let sighting = Sighting(
                connection: exchange.connection.index,
                stream: exchange.stream,
                version: exchange.version
            )
            state.withLock { $0.sightings.append(sighting) }
            if row.fault.moment == .head, isFaulty { happen(exchange) }
        case .received where exchange.connection.hasBody(exchange.stream):
            // What it answered by the head alone it has not read on.
            if isFaulty, row.fault.moment == .head { return }
            note(exchange) { $0.isWhole = true }
            if !isFaulty { return create(exchange) }
            if row.fault.moment == .whole { happen(exchange) }
        case .received:
            show(exchange)
        case .began:
            break
        }
    }

    private var isFaulty: Bool {
        row.fault.entrance == nil && row.fault.whileIdle == nil
            && (!row.fault.isPassing || state.withLock(\.faults) == 0)
    }

    private func happen(_ exchange: Exchange) {
        state.withLock { state in
            state.faults += 1
            if creates, !row.fault.isPassing { mint(&state, exchange) }
        }
        row.fault.happens(exchange)
    }

    private func create(_ exchange: Exchange) {
        state.withLock { mint(&$0, exchange) }
        exchange.answer(204, [("date", Timestamp.now.httpDate), ("request-id", "sound")])
    }

    private func mint(_ state: inout State, _ exchange: Exchange) {
        state.tokens += 1
        state.expiry = .now + .seconds(Int(exchange.connection.body(exchange.stream).filter(\.isNumber)) ?? 86400)
    }

    /// Answers a read of the profile. The first one decides what becomes of its connection.
    private func show(_ exchange: Exchange) {
        let (expiry, tokens, isFirst) = state.withLock { state in
            state.reads.append(exchange.connection.index)
            if !state.sightings.isEmpty || state.faults > 0 { state.readsAfterwards += 1 }
            return (state.expiry, state.tokens, state.reads.count == 1)
        }
        let body =
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6","tokenValue":"t\#(tokens)","tokenExpirationDateTime":"\#(expiry.rfc3339Milliseconds)"}"#
        let fields = [("date", Timestamp.now.httpDate), ("content-type", "application/json")]
        let isLast = isFirst && row.connection == .fresh
        exchange.answer(
            200,
            fields + (isLast && exchange.version == .http1 ? [("connection", "close")] : []),
            body: body
        )
        if isLast { return finish(exchange) }
        guard isFirst, let whileIdle = row.fault.whileIdle else { return }
        exchange.later { exchange in
            whileIdle(exchange)
            exchange.graph.state.withLock { $0.isIdleOver = true }
        }
    }

    /// Ends the connection in order, so that the next request comes on a new one.
    private func finish(_ exchange: Exchange) {
        if exchange.version == .http2 { exchange.frames(.goAway(last: exchange.stream)) }
        exchange.later(.milliseconds(20)) { $0.end(.goodbye) }
    }

    // MARK: What the faults note

    func noteRefusal(of exchange: Exchange) { note(exchange) { $0.isRefused = true } }

    /// Returns how much it is by now.
    func notePoured(_ count: Int) -> Int {
        state.withLock { state in
            state.poured += count
            return state.poured
        }
    }

    private func note(_ exchange: Exchange, _ change: (inout Sighting) -> Void) {
        state.withLock { state in
            let index = state.sightings.lastIndex {
                $0.connection == exchange.connection.index && $0.stream == exchange.stream
            }
            if let index { change(&state.sightings[index]) }
        }
    }
}
