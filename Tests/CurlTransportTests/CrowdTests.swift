import HTTPTypes
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// libcurl 7.88 wakes one of the transfers that wait for a connection when one becomes free. Where that one cannot use it, those
/// that wait for another host would sleep on.
@Suite("A crowd before few connections", .timeLimit(.minutes(5)))
struct CrowdTests {
    @Test("requests to several hosts that wait for connections all get one")
    func severalHosts() async throws {
        let servers = try (0..<3).map { _ in
            try RawServer { connection in
                while connection.readRequest() != nil { connection.send(noContent) }
            }
        }
        var configuration = CurlConfiguration.patient
        configuration.maximumTotalConnections = 2
        configuration.maximumConnectionsPerHost = 1
        let transport = try CurlTransport(configuration: configuration)
        for _ in 0..<30 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<15 {
                    group.addTask {
                        let task = Task {
                            try await transport.execute(
                                .test(.post, servers[number % 3].url("/cancelled"), within: .seconds(30))
                            )
                        }
                        for _ in 0..<(number * 7 % 40) { await Task.yield() }
                        task.cancel()
                        _ = try? await task.value
                    }
                    group.addTask {
                        _ = try? await transport.execute(.test(.post, "http://127.0.0.1:1/", within: .seconds(30)))
                    }
                }
                for number in 0..<30 {
                    group.addTask {
                        let response = try await transport.execute(
                            .test(.post, servers[number % 3].url(), body: "\(number)", within: .seconds(30))
                        )
                        #expect(response.status == .noContent)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
