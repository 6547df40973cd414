import NIOCore
import Settings

/// A web origin in the form in which browsers send it (RFC 6454 §6.2): scheme, host, and the port where it is not the scheme's
/// own.
struct WebOrigin: Sendable, Hashable {
    let text: String

    /// What keeps a text from being an origin, and what to do.
    struct Defect: Error, Equatable {
        var reason: String
        var fix: String

        init(_ reason: String, fix: String = "Give scheme, host and port alone, for example https://portal.example.com")
        {
            self.reason = reason
            self.fix = fix
        }
    }

    private static let ownPorts = ["http": 80, "https": 443]

    /// - Throws: ``Defect`` for what is no origin, stands for more than one, or is one that anybody can have.
    init(_ given: some StringProtocol) throws(Defect) {
        // Before anything of it is shown.
        guard !given.contains("@") else { throw Defect("one of the origins has a user in it") }
        let shown = "'\(clipped(String(given)))'"
        guard given.lowercased() != "null" else {
            throw Defect(
                "\(shown) is the origin of every sandboxed page and local file",
                fix: "Give the portal an origin of its own, and name that"
            )
        }
        guard !given.contains("*") else {
            throw Defect("\(shown) stands for more than one origin", fix: "Name each origin by itself")
        }
        guard let mark = given.firstRange(of: "://") else { throw Defect("\(shown) has no scheme") }
        let scheme = given[..<mark.lowerBound].lowercased()
        guard let ownPort = Self.ownPorts[scheme] else { throw Defect("\(shown) is neither http nor https") }
        let rest = given[mark.upperBound...]
        guard !rest.contains(where: { "/?#\\".contains($0) }) else {
            let isSlash = rest.firstIndex(of: "/") == rest.index(before: rest.endIndex)
            throw Defect(isSlash ? "\(shown) ends with a slash" : "\(shown) has more than scheme, host and port")
        }
        let (host, port) = try Self.parts(String(rest), shown)
        text = "\(scheme)://\(host)" + (port == nil || port == ownPort ? "" : ":\(port ?? ownPort)")
    }

    private static func parts(_ rest: String, _ shown: String) throws(Defect) -> (host: String, port: Int?) {
        // The colons of an IPv6 address are in brackets.
        let colon = rest.lastIndex(of: ":").flatMap { rest[$0...].contains("]") ? nil : $0 }
        guard let host = host(rest[..<(colon ?? rest.endIndex)].lowercased()) else {
            throw Defect(
                "the host in \(shown) is neither a name nor an address",
                fix: "Give it as browsers do: a name beyond ASCII in its form with xn--, an IPv6 address in brackets"
            )
        }
        guard let colon else { return (host, nil) }
        let digits = rest[rest.index(after: colon)...]
        guard digits.first != "0", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65535).contains(port)
        else { throw Defect("the port in \(shown) is not a number from 1 to 65535") }
        return (host, port)
    }

    /// The host as browsers write it; `nil` for what is none.
    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let address = text.dropFirst().dropLast()
            guard address.contains(":"), !address.contains("%"),
                let form = try? SocketAddress(ipAddress: String(address), port: 0).ipAddress
            else { return nil }
            return "[\(form)]"
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
        guard isName, let last = labels.last else { return nil }
        // Browsers take what ends in a number for an IPv4 address.
        let isNumber = last.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber && IPAddress(text) == nil ? nil : text
    }
}
