import Synchronization

/// All that a sandbox remembers: its tenant, profiles, faults, counters and clock.
///
/// Tests in the same process read and steer it here; others through the control endpoint.
package final class SandboxStore: Sendable {
    private struct State {
        var tenant: SandboxTenant
        var profiles: ProfileTable
        var faults = FaultTable()
        var counters = SandboxCounters()
        var clockOffset: Int64 = 0
        var writes: WriteWindow?

        init(_ configuration: SandboxConfiguration, now: SandboxInstant) {
            tenant = SandboxTenant(configuration)
            profiles = ProfileTable(configuration.profiles, createdAt: now)
            writes = configuration.throttling.map { WriteWindow($0) }
        }

        var now: SandboxInstant { .init(ticks: SandboxInstant.wallClock.ticks + clockOffset) }
    }

    let configuration: SandboxConfiguration
    private let state: Mutex<State>

    init(_ configuration: SandboxConfiguration) {
        self.configuration = configuration
        state = Mutex(State(configuration, now: .wallClock))
    }

    /// Everything as at the start: profiles without tokens, no faults, counters at zero, the tenant as configured, the
    /// clock at the machine's time. Access tokens stay good, unless they were issued ahead of that time.
    package func reset() { state.withLock { $0 = State(configuration, now: .wallClock) } }

    // MARK: The clock

    /// The sandbox's time, by which tokens begin and end.
    package var now: SandboxInstant { state.withLock(\.now) }

    /// Moves the sandbox's clock forwards and returns the new time.
    ///
    /// - Parameter seconds: at least 0; a clock that goes backwards is refused by the control endpoint, and a precondition here.
    @discardableResult
    package func advanceClock(bySeconds seconds: Int) -> SandboxInstant {
        precondition(seconds >= 0, "the sandbox's clock does not go backwards")
        return state.withLock {
            $0.clockOffset += Int64(seconds) * SandboxInstant.ticksPerSecond
            return $0.now
        }
    }

    /// The same, but no further ahead of the machine's clock than `limit` seconds.
    ///
    /// - Returns: `nil` where it would be, and nothing has changed.
    func advanceClock(upTo limit: Int, bySeconds seconds: Int) -> SandboxInstant? {
        state.withLock {
            let offset = $0.clockOffset + Int64(seconds) * SandboxInstant.ticksPerSecond
            guard offset <= Int64(limit) * SandboxInstant.ticksPerSecond else { return nil }
            $0.clockOffset = offset
            return $0.now
        }
    }

    // MARK: The tenant

    package var tenant: SandboxTenant { state.withLock(\.tenant) }

    /// Changes the app's credentials, its roles, or what becomes of its access tokens. Those that were issued keep the roles
    /// that they have, as Entra's do. The store is locked meanwhile: `change` does not touch it.
    package func updateTenant(_ change: (inout SandboxTenant) -> Void) { state.withLock { change(&$0.tenant) } }

    /// Revokes all access tokens of until now, as an administrator does who disables the app for a moment: Graph refuses them, with a
    /// claims challenge where the client said that it answers those. Such a client's new tokens are refused, too, until a token request
    /// came with the challenge's claims.
    package func revokeTokens() { state.withLock { $0.tenant.revocation = TokenRevocation(at: $0.now) } }

    /// Takes a revocation back.
    package func restoreTokens() { state.withLock { $0.tenant.revocation = nil } }

    /// A token request asked for a token from that moment on, in seconds since 1970.
    func answerChallenge(from moment: Int64) {
        state.withLock { state in
            guard let revocation = state.tenant.revocation, moment >= revocation.moment.secondsSince1970 else { return }
            state.tenant.revocation?.isAnswered = true
        }
    }

    // MARK: Profiles

    /// The profile of that id in either collection.
    package func profile(_ id: String) -> SandboxProfileState? { state.withLock { $0.profiles[id.lowercased()] } }

    /// All profiles, in the order in which they were configured.
    package var profiles: [SandboxProfileState] { state.withLock { $0.profiles.all } }

    /// The profile of that id in the collection of `kind`; nil when it is in the other one, or in none.
    func profile(_ id: String, kind: SandboxProfile.Kind) -> SandboxProfileState? {
        profile(id).flatMap { $0.profile.kind == kind ? $0 : nil }
    }

    func profiles(of kind: SandboxProfile.Kind) -> [SandboxProfileState] { state.withLock { $0.profiles[kind] } }

    /// Replaces the profile's enrollment token.
    func createToken(for id: String, validity: Int32) {
        let value = EnrollmentTokenValue.random()
        state.withLock { state in
            let now = state.now
            state.profiles.update(id) { $0.createToken(value, validity: validity, at: now) }
            state.counters[.createToken].effective += 1
        }
    }

    /// Ends the profile's enrollment token.
    func revokeToken(of id: String) {
        state.withLock { state in
            let now = state.now
            state.profiles.update(id) { $0.revokeToken(at: now) }
            state.counters[.revokeToken].effective += 1
        }
    }

    /// Notes one write of the app. Returns the seconds to wait when it is one too many.
    func admitWrite() -> Int? {
        state.withLock { state in
            let now = state.now
            return state.writes?.admit(at: now)
        }
    }

    // MARK: Faults and counters

    /// Arms a fault. The calls it names are counted from now.
    package func inject(_ fault: SandboxFault) { state.withLock { $0.faults.arm(fault) } }

    /// Disarms all faults.
    package func clearFaults() { state.withLock { $0.faults = FaultTable() } }

    /// The faults that are still armed, oldest first.
    package var faults: [SandboxFault] { state.withLock(\.faults.armed) }

    package var counters: SandboxCounters { state.withLock(\.counters) }

    /// The head of a request arrived: counts it and says which fault it meets.
    func arrive(_ operation: SandboxOperation) -> SandboxFault? {
        state.withLock { state in
            state.counters[operation].arrived += 1
            return state.faults.next(for: operation)
        }
    }

    /// The operation was done.
    func tookEffect(_ operation: SandboxOperation) { state.withLock { $0.counters[operation].effective += 1 } }

    /// A whole answer was written.
    func answered(_ operation: SandboxOperation, status: Int) {
        state.withLock { $0.counters[operation].answered[status, default: 0] += 1 }
    }

    /// The request ended without a whole answer.
    func broke(_ operation: SandboxOperation) { state.withLock { $0.counters[operation].broken += 1 } }
}
