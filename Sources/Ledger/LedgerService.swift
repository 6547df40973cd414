package import Graph
import Logging
import ServiceLifecycle
import Synchronization
import Traces
import Transport

/// What the ledger does by itself: at start it looks into what was left behind, and then it keeps itself in order.
package struct LedgerService: Service {
    /// So long nothing is taken at start while records of before are looked into; after that it goes on in the background.
    static let startLimit = Duration.seconds(20)
    /// Between two looks after what is to be done.
    static let pause = Duration.seconds(2)
    /// Of what was left behind, so many are looked into at the same time.
    static let settledAtOnce = 16
    static let settledPerRound = 256
    /// Old records are deleted in steps of so many, no more often than this.
    static let pruneStep = 500
    static let pruneInterval = Duration.seconds(600)
    static let pruneStepPause = Duration.milliseconds(200)

    private let ledger: Ledger
    private let settler: any WriteSettling

    package init(_ ledger: Ledger, settling settler: any WriteSettling) {
        self.ledger = ledger
        self.settler = settler
    }

    private var clock: any MonotonicClock { ledger.clock }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await limitStart() }
                group.addTask { await settleAlways() }
                group.addTask { await keep() }
                group.addTask { await prune() }
            }
        }
        await end()
    }

    /// Lets requests in though it takes long to find out what came of those before.
    private func limitStart() async {
        guard ledger.health.isStarting, (try? await clock.sleep(for: Self.startLimit)) != nil else { return }
        ledger.finishStarting(late: true)
    }

    /// Settles what was left behind, and lets requests in when that is done. Then it goes on: other gateways die, too, and what could
    /// not be looked into is tried again.
    private func settleAlways() async {
        while !Task.isCancelled {
            do throws(LedgerFault) {
                // While nothing can be written nothing can be settled.
                let isUseful = ledger.isOpen && (ledger.health.isStarting || ledger.health.fault == nil)
                if isUseful, try await settleOrphans() { ledger.finishStarting(late: false) }
            } catch {
                ledger.note(error)
            }
            try? await clock.sleep(for: Self.pause)
        }
    }

    /// - Returns: whether nothing is left for another look now.
    private func settleOrphans() async throws(LedgerFault) -> Bool {
        let (orphans, isAll) = try await ledger.orphans(limit: Self.settledPerRound)
        return await withTaskGroup(of: Bool.self) { group in
            var isDone = isAll
            for (index, record) in orphans.enumerated() {
                if index >= Self.settledAtOnce, await group.next() == false { isDone = false }
                group.addTask { [ledger, settler] in await ledger.settleLeftBehind(record, with: settler) }
            }
            for await isSettled in group where !isSettled { isDone = false }
            return isDone
        }
    }

    private func keep() async {
        while (try? await clock.sleep(for: Self.pause)) != nil {
            await ledger.writeUnwritten()
            if ledger.health.fault != nil { await ledger.probe() }
        }
    }

    private func prune() async {
        while !Task.isCancelled {
            let age = ledger.configuration.retention
            while let count = try? await ledger.store.prune(olderThan: age, limit: Self.pruneStep), count > 0 {
                guard (try? await clock.sleep(for: Self.pruneStepPause)) != nil else { return }
            }
            try? await clock.sleep(for: Self.pruneInterval)
        }
    }

    /// A last try to write what could not be written.
    private func end() async {
        // Ended by force, this task waits for nothing any more, while requests that were sent are still finished.
        await Task { [ledger] in await ledger.waitUntilIdle() }.value
        await ledger.writeUnwritten()
        await ledger.close()
    }
}

extension Ledger {
    private static let idlePause = Duration.milliseconds(20)

    /// Opens the store.
    ///
    /// - Throws: what does not pass by itself. Where the store is only away for the moment ``LedgerService`` tries it again.
    package func openStore() async throws(LedgerFault) {
        do throws(LedgerFault) {
            try await store.open()
            state.withLock { $0.isOpen = true }
        } catch {
            guard error.kind == .unavailable else { throw error }
            note(error)
        }
    }

    /// Lets requests in at once where nothing was left behind; else ``LedgerService`` does, when that has been looked into.
    package func startIfNothingIsLeft() async {
        guard state.withLock(\.isOpen), let left = try? await store.orphans(limit: 1), left.isEmpty else { return }
        finishStarting(late: false)
    }

    package func close() async {
        await store.close()
        await audit?.close()
    }

    /// From now on requests are taken.
    ///
    /// - Parameter late: although some of before are not looked into yet.
    package func finishStarting(late: Bool) {
        let wasStarting = state.withLock { state in
            defer { state.isStarting = false }
            return state.isStarting
        }
        if wasStarting, late {
            logger.warning("Requests are taken, although what came of some before the start is not known yet")
        }
    }

    /// Those that nobody is at work on (see ``LedgerStore/orphans(limit:)``) and that may be looked into now, and whether there are no
    /// more than were asked for.
    func orphans(limit: Int) async throws(LedgerFault) -> (records: [LedgerRecord], isAll: Bool) {
        let orphans = try await store.orphans(limit: limit)
        let records = state.withLock { state in
            state.leftBehind = orphans.count
            return orphans.filter { record in
                !state.active.contains(record.id) && state.unwritten[record.id] == nil
                    && state.due[record.id].map { $0 <= clock.now } ?? true
            }
        }
        return (records, orphans.count < limit)
    }

    /// - Returns: whether it need not be looked into again now.
    func settleLeftBehind(_ record: LedgerRecord, with settler: any WriteSettling) async -> Bool {
        // Somebody who repeats the request may be looking.
        guard state.withLock({ $0.settling.insert(record.id).inserted }) else { return false }
        defer { state.withLock { _ = $0.settling.remove(record.id) } }
        return (try? await settle(record, with: settler, patience: .leftBehind)) ?? nil != nil
    }

    /// Returns when no request is being answered that was put on record, or when none can be any more.
    func waitUntilIdle() async {
        let end = clock.now.advanced(by: work)
        while !state.withLock(\.active.isEmpty), clock.now < end {
            try? await clock.sleep(for: Self.idlePause)
        }
    }

    var isOpen: Bool { state.withLock(\.isOpen) }

    func probe() async {
        do throws(LedgerFault) {
            if !isOpen {
                try await store.open()
                state.withLock { $0.isOpen = true }
            }
            try await store.probe()
            noteSuccess()
        } catch {
            note(error)
        }
    }

    private func put(_ unwritten: Unwritten, acceptedAgo age: Duration) async throws(LedgerFault) {
        let write = { () async throws(LedgerFault) in
            _ = try await self.put(unwritten.record, acceptedAgo: age, key: unwritten.key)
        }
        // In the trace of the request that it came of.
        guard let span = unwritten.span else { return try await write() }
        try await span.surround(write)
    }

    /// Tries once more to write what could not be written.
    func writeUnwritten() async {
        for (id, unwritten) in state.withLock({ $0.unwritten }) {
            let age = clock.now - unwritten.acceptedAt
            do throws(LedgerFault) {
                try await put(unwritten, acceptedAgo: age)
            } catch {
                note(error)
                return
            }
            state.withLock { state in
                // Something newer may have become known meanwhile.
                if state.unwritten[id]?.record == unwritten.record { state.unwritten[id] = nil }
            }
        }
    }
}
