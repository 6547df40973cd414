import ServiceLifecycle

/// Keeps a ``TokenCache`` warm: a token at start, a new one ahead of each end, until graceful shutdown.
///
/// It never fails: while Entra does, it goes on asking at the cache's pace. Requests that drain after it has stopped still
/// get tokens from the cache.
package struct TokenRefresher: Service {
    private let cache: TokenCache

    package init(cache: TokenCache) { self.cache = cache }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await cache.keepFresh() }
    }
}
