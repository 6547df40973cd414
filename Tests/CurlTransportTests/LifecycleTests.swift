import Dispatch
import Foundation
import Glibc
import HTTPTypes
import NIOCore
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite("CurlTransport: cancelling, bounds, stopping", .timeLimit(.minutes(5)))
struct LifecycleTests {
    /// Reads requests and never answers.
    func blackHole() throws -> RawServer {
        try RawServer { connection in
            while connection.readRequest() != nil {}
        }
    }

    @Test("cancelling ends a transfer that waits for its answer: unknown, connection closed")
    func cancel() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient)
        let task = Task { try await transport.failure(of: .test(.post, server.url())) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        task.cancel()
        let error = try await task.value
        #expect(error.kind == .cancelled)
        #expect(error.delivery == .unknown)
        #expect(!error.maySendAgain)
        #expect(transport.unfinishedCount == 0)
        try await eventually { openSockets(toward: server.port) == 0 }
    }

    @Test("its thread tells of a turn at once, idle or busy, and of its end")
    func turns() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient)
        func turn() async { await withCheckedContinuation { done in transport.watchNextTurn { done.resume() } } }
        await turn()
        let task = Task { try await transport.failure(of: .test(.post, server.url())) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        await turn()
        task.cancel()
        _ = try await task.value
        async let last: Void = turn()
        await transport.shutDown()
        await last
        await turn()
    }

    @Test("a task that is cancelled before it asks sends nothing")
    func cancelledBefore() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await transport.failure(of: .test(.post, server.url()))
        }
        task.cancel()
        let error = try await task.value
        #expect(error.kind == .cancelled)
        #expect(error.delivery == .notSent)
        #expect(server.requests.isEmpty)
    }

    @Test("what is to be finished once it was sent is answered though its task is cancelled; before, it is ended")
    func finished() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            _ = connection.readRequest()
            gate.wait()
            connection.send(noContent)
        }
        let transport = try CurlTransport(configuration: .patient { $0.maximumConnectionsPerHost = 1 })
        let sent = Task { try await transport.execute(.test(.post, server.url(), cancellation: .untilSent)) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        let waiting = Task { try await transport.failure(of: .test(.post, server.url(), cancellation: .untilSent)) }
        try await eventually { transport.unfinishedCount == 2 }
        sent.cancel()
        waiting.cancel()
        let error = try await waiting.value
        #expect(error.kind == .cancelled)
        #expect(error.delivery == .notSent)
        #expect(transport.unfinishedCount == 1)
        gate.signal()
        #expect(try await sent.value.status == .noContent)
        #expect(server.requests.count == 1)
    }

    @Test("a thousand quick cancellations leave no transfer and no descriptor")
    func manyCancellations() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient)
        for round in 0..<20 {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let task = Task {
                            try await transport.failure(of: .test(.post, server.url(), within: .seconds(120)))
                        }
                        for _ in 0..<((round * number) % 40) { await Task.yield() }
                        task.cancel()
                        let error = try? await task.value
                        #expect(error?.kind == .cancelled)
                    }
                }
            }
        }
        #expect(transport.unfinishedCount == 0)
        try await eventually { openSockets(toward: server.port) == 0 }
    }

    @Test("two hundred parallel requests over few connections all complete")
    func parallel() async throws {
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.utf8.count)\r\n\r\n\(request.body)")
            }
        }
        let transport = try CurlTransport(configuration: .patient { $0.maximumConnectionsPerHost = 8 })
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await transport.execute(.test(.post, server.url(), body: "\(number)"))
                    return String(buffer: response.body) == "\(number)"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(server.requests.count == 200)
        #expect(server.connectionCount <= 8)
    }

    @Test("the deadline covers the time that a request waits for a connection")
    func deadlineWhileWaiting() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient { $0.maximumConnectionsPerHost = 1 })
        let first = Task { try await transport.failure(of: .test(.post, server.url())) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        let error = try await transport.failure(of: .test(.post, server.url(), within: .milliseconds(300)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .notSent)
        first.cancel()
        _ = try await first.value
        #expect(server.requests.count == 1)
    }

    @Test("when too many wait, the next is refused at once")
    func full() async throws {
        let server = try blackHole()
        let transport = try CurlTransport(configuration: .patient { ($0.maximumActive, $0.maximumQueued) = (1, 1) })
        let active = Task { try await transport.failure(of: .test(.post, server.url())) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        let waiting = Task { try await transport.failure(of: .test(.post, server.url())) }
        try await eventually { transport.unfinishedCount == 2 }
        let error = try await transport.failure(of: .test(.post, server.url()))
        #expect(error.kind == .overloaded)
        #expect(error.delivery == .notSent)
        #expect(!error.maySendAgain)
        #expect(server.requests.count == 1)
        active.cancel()
        waiting.cancel()
        #expect(try await active.value.kind == .cancelled)
        #expect(try await waiting.value.kind == .cancelled)
    }

    @Test("stopping lets what is in flight finish, refuses what comes, and closes the connections")
    func shutDown() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                if request.path == "/slow" { gate.wait() }
                connection.send(noContent)
            }
        }
        let transport = try CurlTransport(configuration: .patient)
        let slow = Task { try await transport.execute(.test(.post, server.url("/slow"))) }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        let stopping = Task { await transport.shutDown() }
        var error: TransportError?
        while error == nil {
            do throws(TransportError) {
                _ = try await transport.execute(try! .test(.post, server.url("/quick")))
            } catch {
                #expect(error.kind == .unavailable)
                #expect(error.delivery == .notSent)
                break
            }
            await Task.yield()
            error = nil
        }
        gate.signal()
        #expect(try await slow.value.status == .noContent)
        await stopping.value
        await transport.shutDown()
        #expect(openSockets(toward: server.port) == 0)
    }

    @Test("cancelling the service's task stops it")
    func service() async throws {
        let transport = try CurlTransport(configuration: .patient)
        let service = Task { try await transport.run() }
        service.cancel()
        try await service.value
        let error = try await transport.failure(of: .test(.get, "https://127.0.0.1:1/"))
        #expect(error.kind == .unavailable)
    }

    @Test("a connection whose far side acknowledges nothing is given up by the system in seconds")
    func silence() async throws {
        let server = try RawServer.answering(noContent)
        let transport = try CurlTransport(configuration: .patient)
        _ = try await transport.execute(.test(.post, server.url()))
        try withExtendedLifetime(transport) {
            let descriptor = try #require(descriptors(toward: server.port).first)
            var milliseconds: UInt32 = 0
            var size = socklen_t(MemoryLayout<UInt32>.size)
            getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, &size)
            #expect(milliseconds == UInt32(longestSilence.milliseconds))
        }
    }

    @Test("a transport that is dropped ends its thread and its connections")
    func dropped() async throws {
        let server = try RawServer.answering(noContent)
        var transport: CurlTransport? = try CurlTransport(configuration: .patient)
        _ = try await transport?.execute(.test(.post, server.url()))
        withExtendedLifetime(transport) {
            #expect(openSockets(toward: server.port) == 1)
        }
        transport = nil
        try await eventually { openSockets(toward: server.port) == 0 }
    }
}
