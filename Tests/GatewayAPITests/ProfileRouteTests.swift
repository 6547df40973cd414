import Foundation
import HTTPTypes
import KeyRing
import Synchronization
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

@Suite("Listing and reading profiles", .timeLimit(.minutes(5)))
struct ProfileRouteTests {
    private struct Page: Decodable {
        struct Profile: Decodable, Equatable {
            var id: String
            var kind: String
            var displayName: String?
            var description: String?
            var createdAt: String?
            var lastModifiedAt: String?
            var tokenCreatedAt: String?
            var tokenExpiresAt: String?
            var enrolledDeviceCount: Int?
            var enrollmentMode: String?
        }
        var profiles: [Profile]
        var nextCursor: String?
    }

    private static func id(_ number: Int) -> ProfileID {
        ProfileID(bytes: [UInt8](repeating: 0xA5, count: 14) + [UInt8(number / 256), UInt8(number % 256)])!
    }

    /// In order of id, as ``EnrollmentOperations`` has them.
    private static func profiles(_ count: Int, kind: ProfileKind = .androidForWork) -> [EnrollmentProfile] {
        (0..<count).map { EnrollmentProfile(ProfileReference(kind: kind, id: id($0))) }
    }

    private static func gateway(_ count: Int, keys: [RingKey] = []) -> Gateway {
        Gateway(
            tokens: ScriptedTokens(listing: profiles(count) + profiles(count, kind: .deviceOwner)),
            keys: keys.map(\.entry)
        )
    }

    /// Follows the cursors to the end.
    private func walk(
        _ router: RouterSender,
        limit: Int?,
        key: String = Gateway.key,
        betweenPages: () -> Void = {}
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            let parameters = [limit.map { "limit=\($0)" }, cursor.map { "cursor=\($0)" }].compactMap(\.self)
            let answer = try await router.send(.get, "/profiles?" + parameters.joined(separator: "&"), key: key)
            #expect(answer.status == 200)
            let page = try answer.decoded(Page.self)
            #expect(answer.members == (page.nextCursor == nil ? ["profiles"] : ["profiles", "nextCursor"]))
            pages.append(page.profiles.map(\.id))
            cursor = page.nextCursor
            betweenPages()
        } while cursor != nil && pages.count < 1000
        return pages
    }

    private func firstCursor(_ gateway: Gateway, key: String = Gateway.key, query: String = "limit=3") async throws
        -> String
    {
        try #require(try await gateway.send(.get, "/profiles?" + query, key: key).decoded(Page.self).nextCursor)
    }

    private func expectRefused(_ cursor: String, _ gateway: Gateway, key: String = Gateway.key, kind: String = "")
        async throws
    {
        try expect(
            await gateway.send(.get, "/profiles?cursor=\(cursor)\(kind)", key: key),
            is: ExpectedProblem(.requestInvalid, outcome: nil, member: "cursor")
        )
    }

    // MARK: Walking

    @Test(
        "a walk shows each profile once and in order, on full pages, and ends",
        arguments: [0, 1, 50, 51, 237],
        [1, 7, 50, 100, nil]
    )
    func walk(count: Int, limit: Int?) async throws {
        let gateway = Self.gateway(count)
        let pages = try await gateway.withRouter { try await walk($0, limit: limit) }
        #expect(pages.flatMap(\.self) == (0..<count).map { Self.id($0).description })
        let size = limit ?? 50
        #expect(pages.dropLast().allSatisfy { $0.count == size })
        #expect(pages.count == max(1, (count + size - 1) / size))
    }

    @Test("a key for some profiles sees only these, on full pages")
    func someProfiles() async throws {
        let own = Set((0..<237).filter { $0 % 3 == 0 }.map { Self.id($0) })
        // One that is not there, too.
        let key = RingKey(profiles: .some(own.union([Self.id(9999)])))
        let gateway = Self.gateway(237, keys: [key])
        let pages = try await gateway.withRouter { try await walk($0, limit: 7, key: key.text) }
        #expect(pages.flatMap(\.self) == own.sorted().map(\.description))
        #expect(pages.dropLast().allSatisfy { $0.count == 7 })
        let strangers = RingKey(profiles: .some([Self.id(9999)]))
        let empty = try await Self.gateway(237, keys: [strangers]).send(.get, "/profiles", key: strangers.text)
        #expect(empty.body == #"{"profiles":[]}"#)
    }

    @Test("profiles that vanish and come between two pages neither stop the walk nor make it show one twice")
    func changing() async throws {
        let state = Mutex(Self.profiles(20))
        var script = ScriptedTokens.Script()
        script.profiles = { () throws(GraphError) in state.withLock { $0 } }
        let gateway = Gateway(tokens: ScriptedTokens(script: script))
        let turn = Mutex(0)
        let pages = try await gateway.withRouter { router in
            try await walk(router, limit: 5) {
                let isFirst = turn.withLock { turn in
                    turn += 1
                    return turn == 1
                }
                guard isFirst else { return }
                // The last one shown, the next one, and one behind; another comes before, and one at the end.
                let gone = Set([4, 5, 12].map { Self.id($0) })
                state.withLock { profiles in
                    profiles.removeAll { gone.contains($0.reference.id) }
                    profiles += Self.profiles(21).suffix(1)
                    let early = ProfileID(bytes: [UInt8](repeating: 0, count: 16))!
                    profiles.insert(EnrollmentProfile(ProfileReference(kind: .androidForWork, id: early)), at: 0)
                }
            }
        }
        let expected = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20]
        #expect(pages.flatMap(\.self) == expected.map { Self.id($0).description })
    }

    @Test("each kind has its own walk")
    func kinds() async throws {
        let gateway = Self.gateway(3)
        for kind in ProfileKind.allCases {
            let page = try await gateway.send(.get, "/profiles?kind=\(kind.rawValue)").decoded(Page.self)
            #expect(page.profiles.map(\.kind) == [kind.rawValue, kind.rawValue, kind.rawValue])
        }
        #expect(gateway.tokens.asked == ProfileKind.allCases.map { .profiles($0) })
    }

    // MARK: limit

    @Test(
        "a limit outside the bounds, or no whole number, is refused",
        arguments: [
            "0", "101", "10000", "99999999999999999999", "-1", "-0", "1.0", "1e1", "", "+5", "%2B5", "%20", "5%20", "x",
            "0x5", "5,5", "٥", "000", "00000000000000000005",
        ]
    )
    func badLimit(limit: String) async throws {
        let gateway = Self.gateway(3)
        try expect(
            await gateway.send(.get, "/profiles?limit=\(limit)"),
            is: ExpectedProblem(.requestInvalid, outcome: nil, member: "limit")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("limit or cursor twice is refused", arguments: ["limit", "cursor"])
    func twice(name: String) async throws {
        let gateway = Self.gateway(3)
        try expect(
            await gateway.send(.get, "/profiles?\(name)=5&\(name)=5"),
            is: ExpectedProblem(.requestInvalid, outcome: nil, member: name)
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test(
        "the bounds themselves are taken, with zeros in front or without",
        arguments: [("1", 1), ("007", 7), ("100", 100)]
    )
    func limit(limit: String, count: Int) async throws {
        let page = try await Self.gateway(237).send(.get, "/profiles?limit=\(limit)").decoded(Page.self)
        #expect(page.profiles.count == count)
    }

    // MARK: cursor

    @Test("a cursor that was changed anywhere is refused")
    func tampered() async throws {
        let gateway = Self.gateway(9)
        let cursor = try await firstCursor(gateway)
        let characters = Array(cursor)
        try await gateway.withRouter { router in
            func expectRefused(_ text: String) async throws {
                try expect(
                    await router.send(.get, "/profiles?cursor=\(text)"),
                    is: ExpectedProblem(.requestInvalid, outcome: nil, member: "cursor")
                )
            }
            for position in characters.indices {
                for other in "Az-*" where other != characters[position] {
                    var changed = characters
                    changed[position] = other
                    try await expectRefused(String(changed))
                }
                try await expectRefused(String(characters[..<position]))
                if position > 0 { try await expectRefused(String(characters[position...])) }
            }
            // The last one has two bits that stand for nothing.
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            where other != characters.last {
                try await expectRefused(cursor.dropLast() + String(other))
            }
            for suffix in ["A", "=", "==", "%3D", "-", "%20", "%00", "%0A", "AAAA", cursor] {
                try await expectRefused(cursor + suffix)
                try await expectRefused(suffix + cursor)
            }
            try await expectRefused(cursor.uppercased())
            try await expectRefused(cursor.lowercased())
            try await expectRefused(String(repeating: "A", count: 4000))
        }
        // Nothing of all that has reached Graph.
        #expect(gateway.tokens.asked.count == 1)
    }

    @Test("a cursor is for its caller, with whichever key, and for its kind")
    func bound() async throws {
        let (mine, second, other) = (RingKey(), RingKey(), RingKey(caller: "other"))
        let gateway = Self.gateway(9, keys: [mine, second, other])
        let cursor = try await firstCursor(gateway, key: mine.text)
        try await expectRefused(cursor, gateway, key: other.text)
        try await expectRefused(cursor, gateway)
        try await expectRefused(cursor, gateway, key: mine.text, kind: "&kind=device-owner")
        for key in [mine, second] {
            let page = try await gateway.send(.get, "/profiles?cursor=\(cursor)", key: key.text).decoded(Page.self)
            #expect(page.profiles.map(\.id) == (3..<9).map { Self.id($0).description })
        }
    }

    @Test("a cursor goes on with another limit, with its kind spelled out, and at another gateway")
    func elsewhere() async throws {
        let cursor = try await firstCursor(Self.gateway(9))
        for query in ["", "&limit=100", "&limit=6", "&kind=android-for-work"] {
            let page = try await Self.gateway(9).send(.get, "/profiles?cursor=\(cursor)\(query)").decoded(Page.self)
            #expect(page.profiles.map(\.id) == (3..<9).map { Self.id($0).description })
            #expect(page.nextCursor == nil)
        }
        let short = try await Self.gateway(9).send(.get, "/profiles?limit=1&cursor=\(cursor)").decoded(Page.self)
        #expect(short.profiles.map(\.id) == [Self.id(3).description])
        #expect(short.nextCursor != nil)
    }

    @Test("a cursor needs no encoding in a URL, and shows no name of a caller")
    func spelling() async throws {
        let cursor = try await firstCursor(Self.gateway(9))
        #expect(cursor.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
        #expect(!String(decoding: Data(cursor.utf8), as: UTF8.self).contains("default"))
    }
}
