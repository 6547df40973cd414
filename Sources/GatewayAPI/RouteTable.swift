package import HTTPTypes
import Hummingbird

/// Which paths there are and which methods each has: what `Allow` is answered from, and what the routes are made of.
package struct RouteTable: Sendable {
    package struct Entry: Sendable, Equatable {
        /// As Hummingbird and OpenAPI both write it: `/profiles/{profileId}/token`.
        package var path: String
        package var methods: [HTTPRequest.Method]
        /// It is one of the API's: neither the API's description nor a page for people.
        var isOperation = true

        /// Exactly: an empty segment, as in `//` or behind a last `/`, makes it another path.
        func matches(_ other: String) -> Bool {
            var pattern = path.utf8[...]
            var given = other.utf8[...]
            while let expected = Self.takeSegment(from: &pattern) {
                guard let segment = Self.takeSegment(from: &given) else { return false }
                let isMatch =
                    expected.first == UInt8(ascii: "{") ? !segment.isEmpty : segment.elementsEqual(expected)
                if !isMatch { return false }
            }
            return given.isEmpty
        }

        /// What stands behind a first `/`, up to the next one.
        private static func takeSegment(from rest: inout Substring.UTF8View) -> Substring.UTF8View? {
            guard rest.popFirst() == UInt8(ascii: "/") else { return nil }
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            rest = rest[segment.endIndex...]
            return segment
        }
    }

    package static let token = Entry(path: "/profiles/{profileId}/token", methods: [.get, .post, .delete])
    package static let qrCode = Entry(path: "/profiles/{profileId}/token/qr-code", methods: [.get])
    package static let profiles = Entry(path: "/profiles", methods: [.get])
    package static let profile = Entry(path: "/profiles/{profileId}", methods: [.get])
    package static let contract = Entry(path: "/openapi.yaml", methods: [.get], isOperation: false)
    /// The callers' side.
    package static let gateway = RouteTable(entries: [token, qrCode, profiles, profile, contract])

    /// The same with the pages for people.
    package static let gatewayWithDocs = RouteTable(
        entries: gateway.entries
            + DocsRoutes.entries.map { page in
                var page = page
                page.isOperation = false
                return page
            }
    )

    package var entries: [Entry]

    /// Where a request's path stands in the table: looked up once for each request that is as it should be.
    struct Place: Sendable { fileprivate let index: Int }

    /// `nil` for a path that is none.
    func place(of path: String) -> Place? { entries.firstIndex { $0.matches(path) }.map { Place(index: $0) } }

    /// The path as it is written here.
    func template(at place: Place?) -> String? { place.map { entries[$0.index].path } }

    /// Whether a request there is one of the API's. So is one whose path is none: somebody has written it wrong.
    func isForAPI(_ place: Place?) -> Bool { place.map { entries[$0.index].isOperation } ?? true }

    package func methods(at path: String) -> [HTTPRequest.Method] {
        place(of: path).map { entries[$0.index].methods } ?? []
    }

    /// What came of a request that was refused before anything was done; `nil` for one that changes nothing.
    func notDone(_ request: Request) -> GatewayError.Outcome? {
        guard methods(at: request.uri.path).contains(request.method) else { return nil }
        return switch request.method {
        case .post: .notCreated
        case .delete: .notRevoked
        default: nil
        }
    }
}
