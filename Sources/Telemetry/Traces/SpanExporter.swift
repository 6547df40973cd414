import HTTPTypes
package import Logging
import NIOCore
import ServiceLifecycle
import Settings
import Synchronization
package import Traces
package import Transport

/// Sends spans to the collector, batch by batch, beside everything else: no request waits for it, and what the collector does not
/// take is given up and counted.
///
/// OTLP over HTTP, in JSON (OTLP specification 1, "OTLP/HTTP"). At the end of the service what is there is sent once, for
/// ``endLimit`` at most, and where somebody is in a hurry for ``hastenedLimit``.
package struct SpanExporter: Service {
    /// The pauses before a batch is sent again where the collector names none. After the last one it is given up.
    static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]
    /// So long the end of the service waits for what is left to be sent.
    package static let endLimit = Duration.seconds(5)
    /// And so long from when its task is cancelled: little of the service's last moment, in which all else is to end as well.
    package static let hastenedLimit = Duration.milliseconds(300)
    private static let mostAnswerBytes = 64 * 1024

    private let configuration: TraceConfiguration
    private let endpoint: UpstreamURL
    private let queue: SpanQueue
    private let transport: any HTTPTransport
    private let document: SpanDocument
    private let clock: any MonotonicClock
    private let jitter: @Sendable () -> Double
    private let report: ExportReport
    private let pacing = ExportPacing()

    /// - Parameters:
    ///   - transport: of its own, so that no request shares a connection or a thread with it.
    ///   - jitter: what a pause of our own choice is multiplied by.
    package init(
        to endpoint: UpstreamURL,
        _ configuration: TraceConfiguration,
        queue: SpanQueue,
        transport: any HTTPTransport,
        clock: any MonotonicClock = ContinuousClock(),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0.8...1.2) },
        logger: Logger
    ) {
        self.configuration = configuration
        self.endpoint = endpoint
        self.queue = queue
        self.transport = transport
        self.clock = clock
        self.jitter = jitter
        document = SpanDocument(resource: configuration.resource, scope: TraceConfiguration.defaultServiceName)
        report = ExportReport(logger: logger)
    }

    /// Until graceful shutdown, or until its task is cancelled; then for what is left.
    package func run() async throws {
        // In a task that no end of the service's reaches by itself: the last batches are sent in it.
        let work = Task { await self.work() }
        try? await gracefulShutdown()
        queue.close()
        pacing.hurry()
        let limit = end(work, after: Self.endLimit)
        let hastened = Mutex<Task<Void, Never>?>(nil)
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            hastened.withLock { $0 = end(work, after: Self.hastenedLimit) }
        }
        limit.cancel()
        hastened.withLock { $0?.cancel() }
    }

    private func end(_ work: Task<Void, Never>, after limit: Duration) -> Task<Void, Never> {
        Task { if (try? await clock.sleep(for: limit)) != nil { work.cancel() } }
    }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock, configuration, queue] in
                while (try? await clock.sleep(for: configuration.scheduleDelay)) != nil { queue.wake() }
            }
            for await _ in queue.calls where !pacing.isHeld(at: clock.now) { await sendWaiting() }
            group.cancelAll()
        }
        await sendWaiting()
        queue.abandon()
    }

    /// All that there is, as it is now: what comes meanwhile has its own turn.
    private func sendWaiting() async {
        var rest = queue.waiting
        while rest > 0, !Task.isCancelled, !pacing.isHeld(at: clock.now) {
            let spans = queue.take()
            guard !spans.isEmpty else { return }
            rest -= spans.count
            switch await deliver(spans) {
            case .success(let partial):
                let rejected = min(partial.rejected, spans.count)
                report.delivered(rejected: rejected, lostInAll: queue.counts.lost)
                queue.ended(exported: spans.count - rejected, failed: rejected)
            case .failure(let failure):
                queue.ended(failed: spans.count)
                report.failed(failure.reason, lostInAll: queue.counts.lost)
            }
        }
    }

    private struct Failure: Error {
        var reason: String
        var retryAfter: Duration?
        var isFinal = false
    }

    private func deliver(_ spans: [FinishedSpan]) async -> Result<PartialSuccess, Failure> {
        let body = ByteBuffer(string: document.text(spans))
        let end = clock.now.advanced(by: configuration.exportTimeout)
        var attempts = 0
        while true {
            let failure: Failure
            do throws(Failure) {
                return .success(try await send(body, before: end))
            } catch {
                failure = error
            }
            attempts += 1
            guard !failure.isFinal else { return .failure(failure) }
            let pause = failure.retryAfter ?? Self.pauses[min(attempts, Self.pauses.count) - 1] * jitter()
            let due = clock.now.advanced(by: pause)
            let isLast = attempts > Self.pauses.count || due >= end || pacing.isHurried
            // What the collector has asked for holds for the next batch as well.
            if isLast, failure.retryAfter != nil { pacing.hold(until: due) }
            guard !isLast, await pacing.pause(for: pause, clock: clock) else { return .failure(failure) }
        }
    }

    private func send(_ body: ByteBuffer, before end: ContinuousClock.Instant) async throws(Failure) -> PartialSuccess {
        let request = UpstreamRequest(
            method: .post,
            url: endpoint,
            fields: fields,
            body: body,
            repetition: .harmless,
            deadline: min(end, clock.now.advanced(by: configuration.timeout)),
            maximumResponseBytes: Self.mostAnswerBytes
        )
        let response: UpstreamResponse
        do throws(TransportError) {
            response = try await transport.execute(request)
        } catch {
            throw Failure(reason: "\(error.kind.rawValue): \(error.detail)", isFinal: error.kind == .cancelled)
        }
        let code = response.status.code
        guard !(200..<300).contains(code) else { return PartialSuccess(response.body) }
        throw Failure(
            reason: "the collector answered \(code)",
            retryAfter: RetryAfter.duration(in: response.fields),
            // OTLP/HTTP, "Retryable Response Codes".
            isFinal: ![429, 502, 503, 504].contains(code)
        )
    }

    private var fields: HTTPFields {
        var fields: HTTPFields = [:]
        for (name, value) in configuration.fields { value.reveal { fields[name] = $0 } }
        fields[.contentType] = "application/json"
        return fields
    }
}

/// When the next batch may leave.
private final class ExportPacing: Sendable {
    private struct State {
        var held: ContinuousClock.Instant?
        var isHurried = false
        var pause: Task<Bool, Never>?
    }

    private let state = Mutex(State())

    /// The service ends: no more pauses.
    func hurry() {
        state.withLock { state in
            state.isHurried = true
            state.pause?.cancel()
        }
    }

    var isHurried: Bool { state.withLock(\.isHurried) }

    func hold(until instant: ContinuousClock.Instant) { state.withLock { $0.held = instant } }

    func isHeld(at now: ContinuousClock.Instant) -> Bool { state.withLock { $0.held.map { now < $0 } ?? false } }

    /// - Returns: whether it was waited for to its end.
    func pause(for duration: Duration, clock: any MonotonicClock) async -> Bool {
        let pause = Task { (try? await clock.sleep(for: duration)) != nil }
        state.withLock { state in
            state.pause = pause
            if state.isHurried { pause.cancel() }
        }
        return await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
    }
}
