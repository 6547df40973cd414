import CPostgreSQL
import Glibc
import Ledger
import Settings

/// Where the server is and as whom it is asked: a connection URL of libpq's, whose options and `PG*` variables hold as they do there.
struct ServerAddress: Sendable {
    /// Lists with a place for each of several servers.
    private static let lists: Set<String> = ["host", "hostaddr", "port"]

    private let options: [(name: String, value: Secret)]

    /// - Throws: `refused` for what libpq does not take.
    init(_ url: Secret) throws(LedgerFault) {
        // What libpq says about a URL quotes parts of it, perhaps of the password: it is not repeated.
        guard let options = url.reveal(Self.options) else {
            throw LedgerFault(
                .refused,
                "LEDGER_URL is no URL of a PostgreSQL database",
                fix: "Give postgresql://USER:PASSWORD@HOST/DATABASE, with special characters in the password as %XX"
            )
        }
        self.options = options
    }

    private static func options(_ url: String) -> [(name: String, value: Secret)]? {
        guard !url.utf8.contains(0), let first = unsafe PQconninfoParse(url, nil) else { return nil }
        defer { unsafe PQconninfoFree(first) }
        var options: [(name: String, value: Secret)] = []
        // The last one has no name.
        var option = unsafe first
        while let name = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                options.append((unsafe String(cString: name), Secret(unsafe String(cString: value))))
            }
            unsafe option += 1
        }
        return options
    }

    /// How many servers it names.
    var count: Int {
        let hosts = options.filter { Self.lists.contains($0.name) }
        return hosts.map { option in option.value.reveal { $0.count { $0 == "," } + 1 } }.max() ?? 1
    }

    /// The same with the first of several servers as the last, for when that one keeps silent: libpq would not get past it.
    var rotated: ServerAddress { ServerAddress(options.map { ($0.name, Self.rotated($0.name, $0.value)) }) }

    private init(_ options: [(name: String, value: Secret)]) { self.options = options }

    private static func rotated(_ name: String, _ value: Secret) -> Secret {
        guard lists.contains(name) else { return value }
        return value.reveal { text in
            let places = text.split(separator: ",", omittingEmptySubsequences: false)
            return Secret((places.dropFirst() + places.prefix(1)).joined(separator: ","))
        }
    }

    /// Begins to connect. The caller owns what is returned.
    func startConnecting() -> OpaquePointer? {
        var settings = options.map { option in (option.name, option.value.reveal(\.self)) }
        settings += [("fallback_application_name", "enrollment-gateway"), ("client_encoding", "UTF8")]
        let names = unsafe settings.map { unsafe strdup($0.0) } + [nil]
        let values = unsafe settings.map { unsafe strdup($0.1) } + [nil]
        // libpq copies them before it returns.
        defer { unsafe (names + values).forEach { unsafe free($0) } }
        return unsafe PQconnectStartParams(
            names.map { unsafe UnsafePointer($0) },
            values.map { unsafe UnsafePointer($0) },
            0
        )
    }
}
