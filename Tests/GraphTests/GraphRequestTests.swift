import Entra
import HTTPTypes
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("GraphRequest", .timeLimit(.minutes(5)))
struct GraphRequestTests {
    private let root = try! UpstreamURL("https://graph.example/beta")
    private let id = "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6"

    private func upstream(_ request: GraphRequest) -> UpstreamRequest {
        let now = ContinuousClock.now
        let token = AccessToken(serial: 1, value: Secret("abc"), obtainedAt: now, expiresAt: now)
        return request.upstream(token: token, deadline: now, id: "id-1")
    }

    @Test(
        "createToken is one POST of the validity to the profile's collection, never repeated by the transport",
        arguments: [
            (ProfileKind.androidForWork, "androidForWorkEnrollmentProfiles"),
            (.deviceOwner, "androidDeviceOwnerEnrollmentProfiles"),
        ]
    )
    func createToken(kind: ProfileKind, collection: String) throws {
        let profile = ProfileReference(kind: kind, id: try #require(ProfileID(id.uppercased())))
        let request = upstream(.createToken(profile, validityInSeconds: 2_051_244_000, at: root))
        #expect(request.method == .post)
        #expect(
            request.url.description == "https://graph.example/beta/deviceManagement/\(collection)/\(id)/createToken"
        )
        #expect(request.body.map { String(buffer: $0) } == #"{"tokenValidityInSeconds":2051244000}"#)
        #expect(request.repetition == .never)
        #expect(request.fields[.contentType] == "application/json")
        #expect(request.fields[.accept] == "application/json")
        #expect(request.fields[.authorization] == "Bearer abc")
        #expect(request.fields[.clientRequestID] == "id-1")
    }

    @Test("a read selects what tells of the token and nothing more, and has no body")
    func readToken() throws {
        let profile = ProfileReference(kind: .deviceOwner, id: try #require(ProfileID(id)))
        let request = upstream(.readToken(profile, .bare, at: root))
        #expect(request.method == .get && request.body == nil && request.repetition == .harmless)
        #expect(request.fields[.contentType] == nil)
        #expect(request.url.query == "$select=id,tokenValue,tokenCreationDateTime,tokenExpirationDateTime")
        let other = upstream(.readToken(ProfileReference(kind: .androidForWork, id: profile.id), .bare, at: root))
        #expect(other.url.query == "$select=id,tokenValue,tokenExpirationDateTime")
    }

    @Test("each attempt is built anew: an id of its own, the present access token, its Content-Type")
    func attempts() async {
        let bench = Bench(
            creates: [
                .answers(.status(401)), .fails(.notConnected), .answers(.status(429, [.retryAfter: "1"])),
                .acting(.fails(.reset)),
            ],
            reads: [.answers(.status(401)), .truth, .answers(.status(500))]
        )
        _ = await bench.create()
        let requests = bench.transport.requests
        #expect(requests.map(\.method) == [.get, .get, .post, .post, .post, .post, .get, .get])
        let ids = requests.compactMap { $0.fields[.clientRequestID] }
        #expect(Set(ids).count == requests.count && ids.allSatisfy { ProfileID($0)?.description == $0 })
        let tokens = requests.map { $0.fields[.authorization].flatMap { $0.last } }
        #expect(tokens == ["1", "2", "2", "3", "3", "3", "3", "3"])
        for request in requests {
            #expect(request.fields[.contentType] == (request.method == .post ? "application/json" : nil))
            #expect(request.repetition == (request.method == .post ? .never : .harmless))
            #expect(request.fields[values: .authorization].count == 1)
        }
    }
}

@Suite("ProfileID")
struct ProfileIDTests {
    @Test("whatever case it came in, it goes out in lower case")
    func canonical() {
        #expect(
            ProfileID("7B1D2C3E-4F50-4A61-9B72-8C93A0B4D5E6")?.description == "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6"
        )
        #expect(
            ProfileID("00000000-0000-0000-0000-000000000000")?.description == "00000000-0000-0000-0000-000000000000"
        )
        #expect(
            ProfileID("ffffffff-ffff-ffff-ffff-ffffffffffff")?.description == "ffffffff-ffff-ffff-ffff-ffffffffffff"
        )
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "7b1d2c3e4f504a619b728c93a0b4d5e6", "{7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6}",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6 ", "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5g6",
            "7b1d2c3e_4f50-4a61-9b72-8c93a0b4d5e6",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5٣", "../../../../../../../../../../../../",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4%00",
            "7b1d2c3e4-f50-4a61-9b72-8c93a0b4d5e6",
        ]
    )
    func refused(text: String) { #expect(ProfileID(text) == nil) }
}
