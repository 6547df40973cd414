import HTTPTypes
import NIOCore
import Settings
import TestSupport
import Testing

@testable import GatewayAPI

@Suite("FailureTable")
struct FailureTableTests {
    private static let once = SettingRate(count: 1, interval: .seconds(60))

    private func network(_ address: String) throws -> SourceNetwork { SourceNetwork(try #require(IPAddress(address))) }

    @Test("one network's wrong keys are not another's")
    func networks() throws {
        let table = FailureTable(limit: Self.once, clock: ManualClock())
        #expect(try table.wrongKey(from: network("192.0.2.1")) == nil)
        #expect(try table.wrongKey(from: network("192.0.2.1")) == .seconds(60))
        #expect(try table.wrongKey(from: network("192.0.2.2")) == nil)
    }

    @Test("an interval that is over counts no more")
    func interval() throws {
        let clock = ManualClock()
        let table = FailureTable(limit: Self.once, clock: clock)
        _ = try table.wrongKey(from: network("192.0.2.1"))
        clock.advance(by: .seconds(59))
        #expect(try table.wrongKey(from: network("192.0.2.1")) == .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(try table.wrongKey(from: network("192.0.2.1")) == nil)
    }

    @Test("tens of thousands of networks fill no more places than there are, and the latest is remembered")
    func bounded() throws {
        let clock = ManualClock()
        let table = FailureTable(limit: Self.once, clock: clock)
        let last = try network("203.0.113.9")
        for number in 0..<40_000 {
            let words = [
                UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), UInt8(number >> 16),
            ]
            _ = table.wrongKey(from: SourceNetwork(try #require(IPAddress("10.\(words[0]).\(words[1]).\(words[2])"))))
            if number % 4_000 == 0 { clock.advance(by: .milliseconds(1)) }
        }
        #expect(table.rememberedCount <= FailureTable.capacity)
        clock.advance(by: .milliseconds(1))
        #expect(table.wrongKey(from: last) == nil)
        #expect(table.wrongKey(from: last) != nil)
    }

    @Test(
        "an address is its 32 bits, or the 64 bits of its network",
        arguments: [
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("2001:db8::1", "2001:db8::2", true),
            ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "::ffff:c000:201", true), ("::1", "0.0.0.1", false),
            ("fe80::1%eth0", "fe80::2%eth1", true),
        ]
    )
    func prefixes(first: String, second: String, isSame: Bool) throws {
        #expect(try (network(first) == network(second)) == isSame)
    }

    @Test(
        "what is no address is none",
        arguments: ["", "1", "1.2.3", "1.2.3.256", "localhost", ":::", "1.2.3.4:80", "[::1]", "x"]
    )
    func noAddress(text: String) { #expect(IPAddress(text) == nil) }
}

@Suite("TrustedProxies")
struct TrustedProxiesTests {
    private func proxies(_ text: String) -> TrustedProxies {
        let settings = SettingsReader(environment: ["TRUSTED_PROXIES": text])
        let proxies = TrustedProxies(settings)
        #expect(settings.problems.isEmpty)
        return proxies
    }

    private func source(_ proxies: TrustedProxies, peer: String, _ forwarded: [String]) -> SourceNetwork {
        var fields = HTTPFields()
        for value in forwarded { fields.append(HTTPField(name: .forwardedFor, value: value)) }
        return proxies.source(peer: IPAddress(peer), fields: fields)
    }

    @Test(
        "the last address that no trusted proxy has is where a request comes from",
        arguments: [
            ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"), ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", [], "10.1.2.3"), ("10.1.2.3", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", ["6.6.6.6, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", ["6.6.6.6", "198.51.100.1", "10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", ["10.4.4.4, 10.5.5.5"], "10.4.4.4"), ("10.1.2.3", ["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", ["[2001:db8::7]:443"], "2001:db8::7"), ("10.1.2.3", ["2001:db8::7"], "2001:db8::7"),
            ("10.1.2.3", ["198.51.100.1, garbage"], "10.1.2.3"), ("10.1.2.3", ["198.51.100.1, "], "10.1.2.3"),
            ("10.1.2.3", ["198.51.100.1, unknown, 10.9.9.9"], "10.9.9.9"),
            ("2001:db8:1::1", ["198.51.100.1"], "198.51.100.1"),
            ("2001:db8:2::1", ["198.51.100.1"], "2001:db8:2::1"), ("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
            ("192.0.2.7", ["198.51.100.1"], "198.51.100.1"), ("192.0.2.8", ["198.51.100.1"], "192.0.2.8"),
        ]
    )
    func sources(peer: String, forwarded: [String], expected: String) throws {
        let proxies = proxies("10.0.0.0/8, 192.0.2.7,2001:db8:1::/48")
        #expect(source(proxies, peer: peer, forwarded) == SourceNetwork(try #require(IPAddress(expected))))
    }

    @Test("without a setting nobody's word is taken")
    func none() throws {
        #expect(
            source(TrustedProxies(), peer: "10.1.2.3", ["198.51.100.1"])
                == SourceNetwork(try #require(IPAddress("10.1.2.3")))
        )
    }

    @Test(
        "what is neither an address nor a network is a problem",
        arguments: [
            "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "::/129", "10.0.0.1;10.0.0.2", "10.0.0/8",
            "10.0.0.0/8/8", "*", "10.0.0.1 192.0.2.7", "10.0.0.0/8 # lan",
        ]
    )
    func problems(text: String) {
        let settings = SettingsReader(environment: ["TRUSTED_PROXIES": text])
        _ = TrustedProxies(settings)
        #expect(settings.problems.map(\.name) == ["TRUSTED_PROXIES"])
    }

    @Test("blanks, tabs and empty places between them do no harm; what is wrong is shown as it was written")
    func separators() {
        #expect(proxies(" 10.0.0.1,\t192.0.2.7 ,, ") == proxies("10.0.0.1,192.0.2.7"))
        #expect(proxies("::ffff:192.0.2.0/120") == proxies("192.0.2.0/24"))
        let settings = SettingsReader(environment: ["TRUSTED_PROXIES": "10.0.0.0/33"])
        _ = TrustedProxies(settings)
        #expect(settings.problems.first?.reason.contains("'10.0.0.0/33'") == true)
    }

    @Test("wrong keys are counted by the address that a trusted proxy names, and by none that a caller invents")
    func throttled() async throws {
        let gateway = Gateway(settings: ["HTTP_MAX_BAD_KEYS": "1/60s", "TRUSTED_PROXIES": "127.0.0.1,::1"])
        try await gateway.withServer { port in
            for (field, status) in [
                ("198.51.100.1", 401), ("198.51.100.1", 429), ("6.6.6.6, 198.51.100.1", 429), ("198.51.100.2", 401),
            ] {
                try await Wire.connect(port) { wire in
                    try await wire.send(RawRequest.post(key: "wrong", ["X-Forwarded-For: \(field)"]))
                    #expect(try await wire.answer()?.status == status)
                }
            }
        }
        let trusting = Gateway(settings: ["HTTP_MAX_BAD_KEYS": "1/60s"])
        try await trusting.withServer { port in
            for (field, status) in [("198.51.100.1", 401), ("198.51.100.2", 429)] {
                try await Wire.connect(port) { wire in
                    try await wire.send(RawRequest.post(key: "wrong", ["X-Forwarded-For: \(field)"]))
                    #expect(try await wire.answer()?.status == status)
                }
            }
        }
    }
}
