import Activity
import Console
import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Transport

/// The operator's console, at `/` on the management port.
struct ConsoleRoutes: Sendable {
    static let overview = RouteTable.Entry(path: "/", methods: [.get])
    static let request = RouteTable.Entry(path: "/requests/{name}", methods: [.get])
    static let asset = RouteTable.Entry(path: "/assets/{file}", methods: [.get])

    private enum Page: Hashable {
        case overview(ConsolePages.View)
        case request(RequestName?, ConsolePages.View)
    }

    private let pages: RenderedPages<Page>
    private let keyPages: @Sendable () -> Int

    /// - Parameter keyPages: how many pages the key ring's table has.
    init(_ console: ConsolePages, clock: any MonotonicClock, keyPages: @escaping @Sendable () -> Int) {
        self.keyPages = keyPages
        pages = RenderedPages(clock: clock) { page in
            switch page {
            case .overview(let view): await console.overview(view)
            case .request(let name, let view): await console.request(name, view)
            }
        }
    }

    func add(to router: Router<GatewayContext>) {
        router.get(RouterPath(Self.overview.path), use: overview)
        router.get(RouterPath(Self.request.path), use: request)
        router.get(RouterPath(Self.asset.path), use: asset)
    }

    private func overview(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard isForUs(request) else { return misdirected }
        return .page(await pages.page(.overview(view(of: request))))
    }

    private func request(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard isForUs(request) else { return misdirected }
        let name = context.parameters.get("name", as: RequestName.self)
        // Of the overview too, so that the way back leads to it as it was.
        return .page(await pages.page(.request(name, view(of: request))))
    }

    private func asset(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard isForUs(request) else { return misdirected }
        let name = context.parameters.get("file")
        guard let asset = ConsolePages.assets.first(where: { $0.fileName == name }) else {
            throw GatewayError(.notFound, "There is nothing at this path.")
        }
        return .asset(asset)
    }

    private func view(of request: Request) -> ConsolePages.View {
        ConsolePages.View(
            language: request.pageLanguage,
            page: min(max(request.pageParameter("page").flatMap { Int($0) } ?? 1, 1), keyPages()),
            isRefreshing: request.pageParameter("refresh") != "off"
        )
    }

    private func isForUs(_ request: Request) -> Bool {
        LoopbackName.isLoopback(authority: request.head.authority) && !request.isOfAnotherSitesPage
    }

    /// In plain text: a page would have to name assets that are not served under that name either.
    private var misdirected: Response {
        Response(
            status: .misdirectedRequest,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(
                byteBuffer: ByteBuffer(
                    string: """
                        The console is asked for by the name localhost, 127.0.0.1 or [::1] alone, so that no other site can read it.
                        控制台只接受以 localhost、127.0.0.1 或 [::1] 为主机名的访问，以防其他网站读取。

                        """
                )
            )
        )
    }
}

extension Request {
    /// A page of another site, or of another port of this machine, asks: it could not read the answer, but have it made over and over.
    /// Following a link from there is a person's doing. Programs that are no browser send none of these fields.
    fileprivate var isOfAnotherSitesPage: Bool {
        guard let site = headers[.secFetchSite], site == "cross-site" || site == "same-site" else { return false }
        return headers[.secFetchMode] != "navigate" || headers[.secFetchDest] != "document"
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchSite = Self("Sec-Fetch-Site")!
    fileprivate static let secFetchMode = Self("Sec-Fetch-Mode")!
    fileprivate static let secFetchDest = Self("Sec-Fetch-Dest")!
}
