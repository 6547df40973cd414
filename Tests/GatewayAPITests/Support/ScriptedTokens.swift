import Synchronization
import Transport

@testable import GatewayAPI
@testable import Graph

/// Creates nothing; answers as a test says, and keeps what it was asked.
final class ScriptedTokens: EnrollmentTokenCreator {
    typealias Answer = @Sendable (ProfileReference, Int) async throws(GraphError) -> CreatedToken

    struct Call: Equatable {
        var profile: ProfileReference
        var validity: Int
    }

    private let answer: Answer
    private let log = Mutex<[Call]>([])

    init(_ answer: @escaping Answer = { (_, validity) throws(GraphError) in .sample(validity: validity) }) {
        self.answer = answer
    }

    /// Fails every time.
    convenience init(failing error: GraphError) { self.init { (_, _) throws(GraphError) in throw error } }

    var calls: [Call] { log.withLock { $0 } }

    func create(on profile: ProfileReference, validityInSeconds: Int) async throws(GraphError) -> CreatedToken {
        log.withLock { $0.append(Call(profile: profile, validity: validityInSeconds)) }
        return try await answer(profile, validityInSeconds)
    }
}

extension CreatedToken {
    static let graphRequestID = "5f0c7a52-3d1e-4b8a-9c64-2e7f10d3b6a9"

    /// Created at 2026-03-02T08:15:30Z.
    static func sample(validity: Int = 3600, requestID: String? = graphRequestID) -> CreatedToken {
        let start = Timestamp(secondsSince1970: 1_772_439_330)
        return CreatedToken(
            createdAt: start,
            expiresAt: start + .seconds(validity),
            graphRequestID: requestID,
            evidence: .answer,
            attempts: [
                GraphAttempt(
                    operation: .createToken,
                    status: 204,
                    requestID: requestID,
                    error: nil,
                    duration: .milliseconds(5)
                )
            ]
        )
    }
}

/// Something that happens once, and that others wait for.
final class Event: Sendable {
    private let state = Mutex<(happened: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func happen() {
        let waiters = state.withLock { state in
            state.happened = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let happened = state.withLock { state in
                if !state.happened { state.waiters.append(continuation) }
                return state.happened
            }
            if happened { continuation.resume() }
        }
    }
}
