import Hummingbird
import NIOCore

/// `/openapi.yaml`: the contract of the very service that answers.
struct ContractRoutes: Sendable {
    private static let mediaType = "application/yaml"
    private static let document = ByteBuffer(bytes: PackageResources.openapi_yaml)

    func read(_ request: Request, _ context: GatewayContext) async throws -> Response {
        _ = try RequestQuery(request.uri.query, allowing: [])
        try MediaNegotiation.checkAccept(request.headers, type: Self.mediaType)
        return Response(
            status: .ok,
            headers: [.contentType: Self.mediaType],
            body: .init(byteBuffer: Self.document)
        )
    }
}
