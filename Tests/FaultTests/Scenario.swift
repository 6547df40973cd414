import CurlTransport
import TestUpstream
import Testing

/// One request of one caller against one fault.
struct Scenario {
    /// What was seen on all sides.
    struct Result: Sendable {
        var outcomes: [String]
        var sightings: [FaultyGraph.Sighting]
        var answer: String
        var tokens: Int
        var readsAfterwards: Int
        var poured: Int
        /// Whether the first `createToken` came on a connection as the row says; nil where none came.
        var cameOnRightConnection: Bool?
    }

    let row: FaultRow
    /// Whether Graph creates a token when the fault happens.
    let creates: Bool
    let certificates: Certificates

    func run() async throws -> Result {
        let graph = FaultyGraph(row, creates: creates)
        let resolver = (row.fault.resolver ?? (row.fault.port == nil ? nil : .sound)).map { FaultyResolver($0) }
        let isNamed = resolver != nil
        let sound = Entrance.tls(try certificates.sound(for: row.version, isNamed: isNamed))
        let faulty = try row.fault.entrance?(certificates)
        let server = try await WireServer(
            at: resolver?.address ?? "127.0.0.1",
            settings: row.fault.settings,
            entrance: { _ in graph.entrance(sound: sound, faulty: faulty) },
            script: { graph.handle($0, Exchange(connection: $2, stream: $1, graph: graph)) }
        )
        let transport = try CurlTransport(
            configuration: CurlConfiguration(
                connectTimeout: row.fault.connectTimeout,
                // Each connection has its name looked up anew.
                nameLifetime: .zero,
                lookup: resolver?.lookup ?? HostAddress.lookup,
                certificateAuthoritiesPath: certificates.authority.path
            )
        )
        let watched = WatchedTransport(transport)
        let tokens = ScriptedAccessTokens { await prepare(graph, server) }
        let gateway = try FaultyGateway(
            transport: watched,
            tokens: tokens,
            baseURL: "https://\(isNamed ? FaultyResolver.host : "127.0.0.1"):\(server.port)/beta",
            deadline: row.fault.deadline
        )
        let status = try await gateway.createToken()
        resolver?.release()
        await transport.shutDown()
        withExtendedLifetime(server) {}
        return Result(
            outcomes: watched.outcomes,
            sightings: graph.sightings,
            answer: status == "201" && graph.readsAfterwards > 0 ? "201, read back" : status,
            tokens: graph.tokens,
            readsAfterwards: graph.readsAfterwards,
            poured: graph.poured,
            cameOnRightConnection: cameOnRightConnection(graph)
        )
    }

    /// Between the read of the profile and `createToken`.
    private func prepare(_ graph: FaultyGraph, _ server: WireServer) async {
        do {
            if row.fault.whileIdle != nil { try await eventually { graph.isIdleOver } }
            if row.connection == .fresh || row.fault.endsIdle {
                // The server's end first: looking for the client's is work.
                try await eventually { server.openCount == 0 }
                try await eventually { openSockets(toward: server.port, established: true) == 0 }
            }
            if let manner = row.fault.port { try await server.stopListening(manner) }
        } catch {
            Issue.record(error)
        }
        graph.arm()
    }

    private func cameOnRightConnection(_ graph: FaultyGraph) -> Bool? {
        guard let first = graph.sightings.first, let read = graph.readConnections.first else { return nil }
        if let version = row.version, first.version != version { return false }
        return (first.connection == read) == (row.connection == .reused && row.fault.whileIdle == nil)
    }
}
