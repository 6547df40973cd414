import DocsPages
import HTTPTypes
import Hummingbird
import Pages

/// The try-it page and the reference, at `/docs` on the callers' port. They need no API key: what they show everybody may know, and
/// what a person does there is done with the person's own key.
struct DocsRoutes: Sendable {
    static let root = RouteTable.Entry(path: DocsPages.root, methods: [.get])
    static let page = RouteTable.Entry(path: DocsPages.root + "/{page}", methods: [.get])
    static let asset = RouteTable.Entry(path: DocsPages.assetRoot + "/{file}", methods: [.get])

    /// A last slash, as people write it, leads to the page without it.
    static let entries =
        [root, page, asset] + [root, page].map { RouteTable.Entry(path: $0.path + "/", methods: [.get]) }

    let pages: DocsPages

    /// - Parameters: see ``DocsPages/init(contract:sandboxKey:expiringInSeconds:)``.
    init(sandboxKey: String?, expiringInSeconds: Int) {
        pages = DocsPages(
            contract: PackageResources.openapi_yaml,
            sandboxKey: sandboxKey,
            expiringInSeconds: expiringInSeconds
        )
    }

    func add(to router: Router<GatewayContext>) {
        router.get(RouterPath(Self.root.path), use: root)
        router.get(RouterPath(Self.page.path), use: page)
        router.get(RouterPath(Self.asset.path), use: asset)
        // The folder is none of the pages; the router would not look for its name among them.
        router.get(RouterPath(DocsPages.assetRoot), use: page)
    }

    private func root(_ request: Request, _ context: GatewayContext) async throws -> Response {
        await answer(.tryIt, to: request)
    }

    private func page(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let name = context.parameters.get("page"), let page = DocsPages.Page(rawValue: name) else {
            throw GatewayError(.notFound, "There is no such page. GET /docs is the first one.")
        }
        return await answer(page, to: request)
    }

    private func answer(_ page: DocsPages.Page, to request: Request) async -> Response {
        let path = request.uri.path
        // Hummingbird's router overlooks it (2.28.1).
        guard path.hasSuffix("/") else { return .page(await pages.answer(page, request.pageLanguage)) }
        let query = request.uri.query.map { "?" + $0 } ?? ""
        return Response(
            status: .permanentRedirect,
            headers: [.location: String(path.dropLast()) + query, .cacheControl: "no-store"]
        )
    }

    private func asset(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let name = context.parameters.get("file")
        guard let asset = DocsPages.assets.first(where: { $0.fileName == name }) else {
            throw GatewayError(.notFound, "There is nothing at this path.")
        }
        return .asset(asset)
    }
}
