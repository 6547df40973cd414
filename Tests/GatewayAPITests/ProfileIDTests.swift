import Foundation
import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The profile's id", .timeLimit(.minutes(5)))
struct ProfileIDTests {
    private static let good = Gateway.profile
    private static let bad = ExpectedProblem(.profileIDInvalid, member: "profileId")

    private static let rest = good.dropFirst()
    private static let withoutDashes = good.replacing("-", with: "")
    private static let otherDashes = good.replacing("-", with: "%E2%80%91")
    private static let long = String(repeating: "a", count: 10_240)
    private static let notIDs: [String] = [
        "..", "%2e%2e", "%2e%2e%2f", "..%2f..", "\(good)%2f", "%00", "\(good)%00", "\(good.dropLast())%00", "\(good);x",
        "\(good)%3Bx", "'", "\(good)'", "'\(good)'", "(\(good))", "{\(good)}", "%7B\(good)%7D", "\(good)%20",
        "%20\(good)",
        "\(good)%0a", "\(withoutDashes)", "\(good.dropLast())", "\(good)0", "g\(rest)",
        "%EF%BC%97\(rest)", "%D9%A7\(rest)", "%37\(rest)", "%2537\(rest)", "%zz\(good.dropFirst(3))",
        "+\(rest)", "0x\(good.dropFirst(2))", "*", "$filter", "me",
        "%FF\(rest)", otherDashes, long,
    ]

    @Test(
        "whatever is not a GUID is refused, and nothing is created",
        arguments: notIDs
    )
    func refused(id: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(.post, "/profiles/\(id)/token"), is: Self.bad)
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "what changes the path's shape is another path",
        arguments: [
            "/profiles/\(good)/token/", "/profiles/\(good)//token", "//profiles/\(good)/token", "/profiles//token",
            "/profiles/../token/x", "/profiles/\(good)/../\(good)/token", "/profiles/./\(good)/token",
            "/profiles/\(good)/token;x", "/profiles/\(good)/TOKEN", "/Profiles/\(good)/token",
            "/profiles/\(good)/%74oken",
            "/profiles/\(good)/token%2f", "/profiles/\(good)/token/qr-code/", "/profiles/\(good)/token/qr%2dcode",
        ]
    )
    func otherPaths(path: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(.post, path), is: ExpectedProblem(.notFound, outcome: nil))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("upper case is taken and goes on in lower case, in the answer and to Graph")
    func upperCase() async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(.post, "/profiles/\(Self.good.uppercased())/token")
        #expect(answer.status == 201)
        #expect(answer["Location"] == Gateway.path)
        #expect(answer.body.contains(#""profileId":"\#(Self.good)""#))
        #expect(gateway.tokens.calls.map(\.profile.id.description) == [Self.good])
    }

    @Test("random GUIDs come back as they were, from either case")
    func roundTrips() {
        for _ in 0..<1000 {
            let text = UUID().uuidString
            #expect(ProfileID(text)?.description == text.lowercased())
            #expect(ProfileID(text) == ProfileID(text.lowercased()))
        }
        for text in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
            #expect(ProfileID(text)?.description == text)
        }
    }

    @Test("a GUID with any one byte changed to something else is none, unless it is another digit")
    func mutations() {
        for position in 0..<36 {
            for byte in UInt8.min...127 {
                var bytes = Array(Self.good.utf8)
                bytes[position] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                let isDash = [8, 13, 18, 23].contains(position)
                let isGood = isDash ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit
                if let id = ProfileID(text) {
                    #expect(isGood)
                    #expect(id.description == text.lowercased())
                } else {
                    #expect(!isGood)
                }
            }
        }
    }
}
