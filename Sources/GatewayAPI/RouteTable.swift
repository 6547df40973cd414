package import HTTPTypes
import Hummingbird

/// Which paths there are and which methods each has: what `Allow` is answered from, and what the routes are made of.
package struct RouteTable: Sendable {
    package struct Entry: Sendable, Equatable {
        /// As Hummingbird and OpenAPI both write it: `/profiles/{profileId}/token`.
        package var path: String
        package var methods: [HTTPRequest.Method]
        /// The methods that change something, so that their errors have an outcome.
        package var changing: [HTTPRequest.Method] = []
    }

    package static let token = Entry(path: "/profiles/{profileId}/token", methods: [.post], changing: [.post])
    package static let contract = Entry(path: "/openapi.yaml", methods: [.get])
    /// The callers' side.
    package static let gateway = RouteTable(entries: [token, contract])

    package var entries: [Entry]

    package func methods(at path: String) -> [HTTPRequest.Method] { entry(at: path)?.methods ?? [] }

    func changesSomething(_ request: Request) -> Bool {
        entry(at: request.uri.path)?.changing.contains(request.method) ?? false
    }

    /// Exactly: an empty segment, as in `//` or behind a last `/`, makes it another path.
    private func entry(at path: String) -> Entry? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        return entries.first { entry in
            let pattern = entry.path.split(separator: "/", omittingEmptySubsequences: false)
            return pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") ? !$1.isEmpty : $0 == $1 }
        }
    }
}
