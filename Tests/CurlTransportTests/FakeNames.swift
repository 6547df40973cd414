import Dispatch
import NIOConcurrencyHelpers

@testable import CurlTransport

/// A resolver that a test fills, and that hangs where it says so.
final class FakeNames: Sendable {
    private struct State {
        var table: [String: [String]]
        var gates: [String: DispatchSemaphore] = [:]
        var running: [String: Int] = [:]
        var begun: [String: Int] = [:]
    }

    private let state: NIOLockedValueBox<State>

    /// Names that are not in `table` do not exist.
    init(_ table: [String: [String]] = [:]) { state = NIOLockedValueBox(State(table: table)) }

    /// Whatever still hangs ends with an error.
    deinit { for gate in state.withLockedValue(\.gates).values { gate.signal() } }

    /// Holds the object weakly, so that dropping it releases what hangs.
    var lookup: HostLookup {
        { [weak self] host in
            guard let gate = self?.begin(host) else { return .failure(HostLookupError(detail: "gone")) }
            gate.wait()
            gate.signal()
            return self?.end(host) ?? .failure(HostLookupError(detail: "gone"))
        }
    }

    subscript(host: String) -> [String]? {
        get { state.withLockedValue { $0.table[host] } }
        set { state.withLockedValue { $0.table[host] = newValue } }
    }

    /// From now on lookups of `host` hang.
    func hang(_ host: String) {
        state.withLockedValue { if $0.gates[host] == nil { $0.gates[host] = DispatchSemaphore(value: 0) } }
    }

    /// Ends those that hang; the next ones do not.
    func release(_ host: String) { state.withLockedValue { $0.gates.removeValue(forKey: host) }?.signal() }

    func running(_ host: String) -> Int { state.withLockedValue { $0.running[host, default: 0] } }
    var running: Int { state.withLockedValue { $0.running.values.reduce(0, +) } }
    func begun(_ host: String) -> Int { state.withLockedValue { $0.begun[host, default: 0] } }

    private func begin(_ host: String) -> DispatchSemaphore {
        state.withLockedValue { state in
            state.running[host, default: 0] += 1
            state.begun[host, default: 0] += 1
            return state.gates[host] ?? DispatchSemaphore(value: 1)
        }
    }

    private func end(_ host: String) -> Result<[HostAddress], HostLookupError> {
        state.withLockedValue { state in
            state.running[host, default: 0] -= 1
            guard let texts = state.table[host] else {
                return .failure(HostLookupError(detail: "Name or service not known"))
            }
            return .success(texts.compactMap { HostAddress($0) })
        }
    }
}
