import Foundation
import GatewayAPI
import Logging
import ServiceLifecycle

/// All services, and their end in order.
struct StoppableServices {
    let services: ServiceGroup
    let applications: GatewayApplications
    let configuration: GatewayConfiguration
    let logger: Logger

    /// Runs them until the end that is asked for has come, or until one of them fails. Where that takes too long the process ends
    /// here.
    func run(until stopping: Stopping) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { stopping.finish() }
                try await services.run()
            }
            var isHastened = false
            var closing: Task<Void, Never>?
            await stopping.run(grace: { grace }, limit: configuration.shutdownLimit) { step in
                note(step)
                switch step {
                case .grace:
                    sendElsewhere()
                case .drain:
                    // Where there was no grace.
                    sendElsewhere()
                    closing = Task { await close() }
                case .hasten:
                    isHastened = true
                    // What is left of it takes no time.
                    closing?.cancel()
                    await closing?.value
                    tasks.cancelAll()
                case .force:
                    // What was sent is on record as such, and looked into by the next gateway that starts.
                    ProcessLog.exit(EXIT_FAILURE)
                }
            }
            // Where the services have ended by themselves meanwhile there is nothing to take any more.
            closing?.cancel()
            do {
                try await tasks.waitForAll()
            } catch  where isHastened {
                logger.debug("A service did not end in order", metadata: ["error.type": "\(type(of: error))"])
            }
        }
    }

    /// Callers are still served, and told not to come again.
    private func sendElsewhere() {
        applications.admission.enter(.draining)
        applications.connections.beginEnding()
    }

    /// Takes those who are on their way here, and then nobody any more. At once where the task is cancelled.
    private func close() async {
        await applications.connections.takeNoMore()
        applications.admission.close()
        await services.triggerGracefulShutdown()
    }

    /// Where nobody can call yet, nobody has to be sent elsewhere.
    private var grace: Duration {
        applications.admission.phase == .starting ? .zero : configuration.shutdownGrace
    }

    private func note(_ step: Stopping.Step) {
        var facts: Logger.Metadata = ["requests.in_flight": "\(applications.admission.inFlight)"]
        switch step {
        case .grace:
            facts["shutdown.grace"] = "\(configuration.shutdownGrace)"
            logger.notice("About to shut down, and still serving", metadata: facts)
        case .drain: logger.notice("Shutting down", metadata: facts)
        case .hasten: logger.warning("Not waiting any longer for what was not sent", metadata: facts)
        case .force: logger.error("Ended by force", metadata: facts)
        }
    }
}
