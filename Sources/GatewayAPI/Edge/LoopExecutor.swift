import NIOConcurrencyHelpers
import NIOCore

/// Runs tasks on one event loop, among the work of the loop's connections.
///
/// What a task does between two waits must be short, as everything on a loop.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop
    private let jobs = NIOLockedValueBox<[UnownedJob]>([])

    init(loop: any EventLoop) { self.loop = loop }

    /// Several jobs that come while the loop is busy cost it one wake-up.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLockedValue { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { loop.execute { self.run() } }
    }

    private func run() {
        let jobs = jobs.withLockedValue { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// The executors of all event loops, one for each.
final class LoopExecutors: Sendable {
    private let executors = NIOLockedValueBox<[ObjectIdentifier: LoopExecutor]>([:])

    func executor(of loop: any EventLoop) -> LoopExecutor {
        executors.withLockedValue { executors in
            if let executor = executors[ObjectIdentifier(loop)] { return executor }
            let executor = LoopExecutor(loop: loop)
            executors[ObjectIdentifier(loop)] = executor
            return executor
        }
    }
}
