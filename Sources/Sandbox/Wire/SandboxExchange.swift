import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// One request and its answer: counted, perhaps spoilt by a fault, and answered by the part of the sandbox that it is for.
struct SandboxExchange: Sendable {
    /// No request to Entra or Graph that the sandbox knows comes near it.
    static let largestBody = 256 * 1024

    let store: SandboxStore
    let issuer: AccessTokenIssuer
    let address: SandboxAddress
    let logger: Logger

    func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let route = SandboxRoute(request.head)
        if case .control(let name) = route {
            try await sayContinue(request, writer)
            let answer = await control(name, request)
            return try await write(answer, to: request, writer)
        }

        let operation = route.operation
        let fault = store.arrive(operation)
        do {
            try await sayContinue(request, writer)
            let connection = SandboxConnection(channel)
            switch try await reply(request, route: route, fault: fault) {
            case .whole(let answer):
                guard let answer = connection.isHTTP2 ? answer.forHTTP2 : answer else {
                    try await connection.end(.close, request: request)
                }
                try await write(answer, to: request, writer)
                store.answered(operation, status: answer.status.code)
                log("answered", operation, request, status: answer.status.code)
            case .half(let answer, let ending):
                try await writeHalf(answer, writer, connection)
                try await connection.end(ending, request: request)
            case .raw(let bytes, let ending):
                try await connection.write(bytes)
                try await connection.end(ending, request: request)
            case .nothing(let ending):
                try await connection.end(ending, request: request)
            }
        } catch {
            store.broke(operation)
            log("ended without an answer", operation, request)
            throw error
        }
    }

    /// To a client that waits for it with its body (RFC 9110 §10.1.1).
    private func sayContinue(_ request: Request, _ writer: borrowing ResponseWriter) async throws {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
    }

    /// Writes the whole answer; to HEAD without its body (RFC 9110 §9.3.2).
    private func write(_ answer: SandboxAnswer, to request: Request, _ writer: consuming ResponseWriter) async throws {
        let body = request.method == .head ? ByteBuffer() : answer.body
        try await writer.write(response: answer.head(at: store.now), body: .init(byteBuffer: body))
    }

    private func writeHalf(
        _ answer: SandboxAnswer,
        _ writer: consuming ResponseWriter,
        _ connection: SandboxConnection
    ) async throws {
        guard connection.isHTTP2 else { return try await connection.write(answer.firstHalf(at: store.now)) }
        guard answer.body.readableBytes > 0 else {
            return try await connection.write(connection.beginningOfHead())
        }
        guard let answer = answer.forHTTP2 else { return }
        var body = try await writer.writeHead(answer.head(at: store.now))
        try await body.write(answer.halfOfBody)
    }

    /// What goes back to the client.
    private enum Reply {
        case whole(SandboxAnswer)
        case half(SandboxAnswer, then: SandboxFault.Ending)
        case raw(ByteBuffer, then: SandboxFault.Ending)
        case nothing(SandboxFault.Ending)
    }

    /// Lets the operation happen, as far as the fault allows.
    private func reply(_ request: Request, route: SandboxRoute, fault: SandboxFault?) async throws -> Reply {
        var request = request
        guard let fault else { return .whole(try await act(&request, route: route)) }
        var own: SandboxAnswer?
        switch fault.moment {
        case .beforeReading: break
        case .afterReading: _ = try await request.collectBody(upTo: Self.largestBody)
        case .afterActing: own = try await act(&request, route: route, isStale: fault.effect == .stale)
        }
        if fault.delay > .zero {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: fault.delay) }
        }
        switch fault.effect {
        case .proceed, .stale:
            if let own { return .whole(own) }
            return .whole(try await act(&request, route: route, isStale: fault.effect == .stale))
        case .answer(let answer):
            return .whole(answer)
        case .end(let ending):
            return .nothing(ending)
        case .half(let given, then: let ending):
            if let whole = given ?? own { return .half(whole, then: ending) }
            return .half(try await act(&request, route: route), then: ending)
        case .raw(let bytes, then: let ending):
            return .raw(bytes, then: ending)
        }
    }

    /// Reads the body if it is unread, and lets the operation happen.
    private func act(
        _ request: inout Request,
        route: SandboxRoute,
        isStale: Bool = false
    ) async throws -> SandboxAnswer {
        let body: ByteBuffer
        do {
            body = try await request.collectBody(upTo: Self.largestBody)
        } catch is NIOTooManyBytesError {
            return SandboxAnswer(status: .contentTooLarge)
        }
        let whole = SandboxRequest(head: request.head, body: body, address: address, now: store.now)
        switch route {
        case .token, .openIDConfiguration, .signingKeys, .instanceDiscovery:
            return await SandboxEntra(store: store, issuer: issuer).answer(whole, route: route)
        case .managedIdentity(let endpoint):
            return await SandboxManagedIdentity(store: store, issuer: issuer, endpoint: endpoint).answer(whole)
        default:
            return await SandboxGraph(store: store, issuer: issuer, isStale: isStale).answer(whole, route: route)
        }
    }

    private func control(_ name: String, _ request: Request) async -> SandboxAnswer {
        var request = request
        guard let body = try? await request.collectBody(upTo: Self.largestBody) else {
            return SandboxAnswer(status: .contentTooLarge)
        }
        return await ControlEndpoint(store: store, address: address).answer(name, method: request.method, body: body)
    }

    /// Names, numbers and the bare method only: paths and bodies may hold what must not be seen.
    private func log(_ message: Logger.Message, _ operation: SandboxOperation, _ request: Request, status: Int? = nil) {
        logger.debug(
            message,
            metadata: [
                "sandbox.operation": "\(operation.rawValue)",
                "http.method": "\(request.method.rawValue)",
                "http.status": "\(status.map(String.init) ?? "-")",
            ]
        )
    }
}
