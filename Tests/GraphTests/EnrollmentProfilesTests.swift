import NIOCore
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("Profiles", .timeLimit(.minutes(5)))
struct EnrollmentProfilesTests {
    private static let id = "7b1d2c3e-4f50-4a61-9b72-000000000000"

    /// Graph's answers, in order; the last one is repeated.
    private final class Pages: Sendable {
        private let state: Mutex<(pages: [UpstreamResponse], urls: [String])>

        init(_ pages: [UpstreamResponse]) { state = Mutex((pages, [])) }

        var urls: [String] { state.withLock { $0.urls } }

        func next(_ request: UpstreamRequest) -> UpstreamResponse {
            state.withLock { state in
                state.urls.append(request.url.description)
                return state.pages.count > 1 ? state.pages.removeFirst() : state.pages[0]
            }
        }
    }

    private static func page(_ ids: [String], next: String? = nil) -> UpstreamResponse {
        let entries = ids.map { #"{"id":"\#($0)","displayName":"n"}"# }.joined(separator: ",")
        let link = next.map { #","@odata.nextLink":"\#($0)""# } ?? ""
        return .status(200, body: #"{"@odata.context":"x","value":[\#(entries)]\#(link)}"#)
    }

    private static func id(_ number: Int) -> String { ProfileReference.example(number: number).id.description }

    private func tokens(_ pages: Pages, root: String = "https://graph.example/beta") -> EnrollmentTokens {
        let clock = ManualClock(automatic: true)
        return EnrollmentTokens(
            configuration: GraphConfiguration(baseURL: try! UpstreamURL(root)),
            transport: ScriptedTransport { (request, _) async throws(TransportError) -> UpstreamResponse in
                pages.next(request)
            },
            tokens: FakeTokens(clock: clock, prefix: FakeTokens.prefix, delay: { _, _ in }),
            clock: clock
        )
    }

    private static let collection = "https://graph.example/beta/deviceManagement/androidForWorkEnrollmentProfiles"

    @Test("all pages are read, at the addresses that Graph gives, and each profile is told once, in order of id")
    func pages() async throws {
        let next = Self.collection + "?$select=id&$skiptoken=abc%2F=="
        let pages = Pages([Self.page([Self.id(3), Self.id(1)], next: next), Self.page([Self.id(2), Self.id(3)])])
        let (profiles, attempts) = try await tokens(pages).profiles(of: .androidForWork)
        #expect(profiles.map(\.reference.id.description) == [1, 2, 3].map(Self.id))
        #expect(pages.urls.last == next && attempts.map(\.operation) == [.listProfiles, .listProfiles])
        let select =
            "$select=id,displayName,description,createdDateTime,lastModifiedDateTime,tokenExpirationDateTime,enrolledDeviceCount"
        #expect(pages.urls.first == Self.collection + "?" + select)
    }

    @Test(
        "a next page anywhere else is not followed: the access token goes nowhere else",
        arguments: [
            "https://evil.example/beta/deviceManagement/androidForWorkEnrollmentProfiles?$skiptoken=1",
            "http://graph.example/beta/deviceManagement/androidForWorkEnrollmentProfiles?$skiptoken=1",
            "https://graph.example:8443/beta/deviceManagement/androidForWorkEnrollmentProfiles",
            "https://graph.example.evil.example/beta/deviceManagement/androidForWorkEnrollmentProfiles",
            "https://user@graph.example/beta/deviceManagement/androidForWorkEnrollmentProfiles",
            "https://graph.example@evil.example/beta/deviceManagement/androidForWorkEnrollmentProfiles",
            "https://graph.example/v1.0/deviceManagement/androidForWorkEnrollmentProfiles",
            "https://graph.example/beta/deviceManagement/androidDeviceOwnerEnrollmentProfiles",
            "https://graph.example/beta/users", "https://graph.example/beta/../evil",
            "//graph.example/beta/deviceManagement/androidForWorkEnrollmentProfiles", "/next", "", "x",
        ]
    )
    func foreignPage(link: String) async throws {
        let pages = Pages([Self.page([Self.id(1)], next: link)])
        do throws(GraphError) {
            let (profiles, _) = try await tokens(pages).profiles(of: .androidForWork)
            // An empty link is none.
            #expect(link.isEmpty && profiles.count == 1)
        } catch {
            #expect(error.kind.label == "failed" && error.outcome == nil && error.attempts.count == 1)
        }
        #expect(pages.urls.count == 1)
    }

    @Test("the scheme's own port is the same root, written or not")
    func port() async throws {
        let next = "https://GRAPH.example:443/beta/deviceManagement/androidForWorkEnrollmentProfiles?$skiptoken=1"
        let pages = Pages([Self.page([Self.id(1)], next: next), Self.page([])])
        #expect(try await tokens(pages).profiles(of: .androidForWork).profiles.count == 1)
    }

    @Test("pages without an end, and more profiles than the gateway takes, are an error and no part of a list")
    func bounds() async throws {
        let endless = Pages([Self.page([Self.id(1)], next: Self.collection + "?$skiptoken=1")])
        await #expect(throws: GraphError.self) { try await tokens(endless).profiles(of: .androidForWork) }
        #expect(endless.urls.count == EnrollmentTokens.mostPages)
        let many = Pages([Self.page((0...EnrollmentTokens.mostProfiles).map(Self.id))])
        await #expect(throws: GraphError.self) { try await tokens(many).profiles(of: .androidForWork) }
        let most = Pages([Self.page((1...EnrollmentTokens.mostProfiles).map(Self.id))])
        #expect(try await tokens(most).profiles(of: .androidForWork).profiles.count == EnrollmentTokens.mostProfiles)
    }

    @Test(
        "what Graph sends beside the known is passed over, and what is missing is absent",
        arguments: [
            #"{"id":"\#(id)"}"#,
            #"{"id":"\#(id.uppercased())","displayName":null,"createdDateTime":null,"enrolledDeviceCount":null}"#,
            #"{"id":"\#(id)","displayName":{"a":1},"enrolledDeviceCount":"many","createdDateTime":"yesterday"}"#,
            #"{"id":"\#(id)","new":[{"deep":{}}],"@odata.type":"x","createdDateTime":5,"enrollmentMode":[]}"#,
            "\u{FEFF}" + #"{"id":"\#(id)","tokenExpirationDateTime":"0001-01-01T00:00:00Z"}"#,
        ]
    )
    func tolerance(body: String) throws {
        let profile = try #require(EnrollmentProfile(decoding: ByteBuffer(string: body), of: .example(.deviceOwner)))
        #expect(profile.reference.id.description == Self.id)
        #expect(profile.displayName == nil && profile.createdAt == nil && profile.enrolledDeviceCount == nil)
        #expect(profile.tokenExpiresAt == nil && profile.enrollmentMode == nil)
    }

    @Test("values of enumerations that nobody knew are passed on, and times in any of Graph's forms are read")
    func values() throws {
        for (text, seconds) in [
            ("2026-03-02T08:15:30Z", 1_772_439_330.0), ("2026-03-02T08:15:30.1234567Z", 1_772_439_330.1234567),
            ("2026-03-02T08:15:30.123456789012Z", 1_772_439_330.123456789),
            ("2026-03-02T10:15:30+02:00", 1_772_439_330),
        ] {
            let body =
                #"{"id":"\#(Self.id)","enrollmentMode":"brandNew","enrolledDeviceCount":7,"tokenCreationDateTime":"\#(text)"}"#
            let profile = try #require(
                EnrollmentProfile(decoding: ByteBuffer(string: body), of: .example(.deviceOwner))
            )
            #expect(profile.enrollmentMode == "brandNew" && profile.enrolledDeviceCount == 7)
            #expect(abs((profile.tokenCreatedAt?.secondsSince1970 ?? 0) - seconds) < 0.001)
        }
    }

    @Test("an entry that is no profile spoils nothing around it")
    func unreadableEntries() throws {
        let body = #"{"value":[1,null,"x",[],{},{"id":5},{"id":"no guid"},{"id":"\#(Self.id)"}]}"#
        let page = try #require(ProfilePage(decoding: ByteBuffer(string: body), kind: .androidForWork))
        #expect(page.profiles.map(\.reference.id.description) == [Self.id] && page.unreadable == 7)
        for body in ["", "[]", "{}", #"{"value":5}"#, "<html>"] {
            #expect(ProfilePage(decoding: ByteBuffer(string: body), kind: .androidForWork) == nil, "\(body)")
        }
    }

    @Test("a QR code's picture is read in both alphabets of base64, padded or not; what is no PNG is none")
    func pictures() throws {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
        let png = signature + [0xFB, 0xFF, 0xBE, 0x01] + end
        let padded = signature + [0xFB, 0xFF, 0xBE] + end
        func read(_ text: String) -> [UInt8]? {
            let body = #"{"id":"\#(Self.id)","qrCodeImage":{"type":"image/png","value":\#(text)}}"#
            return TokenState(decoding: ByteBuffer(string: body), of: .example())?.qrCodeImage?.png
        }
        #expect(read(#""iVBORw0KGgr7/74BAAAAAElFTkSuQmCC""#) == png)
        #expect(read(#""iVBORw0KGgr7_74BAAAAAElFTkSuQmCC""#) == png)
        #expect(read(#""iVBORw0KGgr7/74AAAAASUVORK5CYII=""#) == padded)
        #expect(read(#""iVBORw0KGgr7_74AAAAASUVORK5CYII""#) == padded)
        #expect(read(#""iVBORw0K\r\nGgr7/74BAAAAAElFTkSuQmCC""#) == png)
        // One that was cut, however far.
        for count in png.indices { #expect(QRCodeImage(png: Array(png.prefix(count))) == nil) }
        for text in ["null", "5", #""""#, #""!!!""#, #""/9j/4AAQ""#, "{}"] { #expect(read(text) == nil, "\(text)") }
        let bare = ByteBuffer(string: #"{"id":"\#(Self.id)","qrCodeImage":"iVBORw0KGgr7/74BAAAAAElFTkSuQmCC"}"#)
        #expect(try #require(TokenState(decoding: bare, of: .example())).qrCodeImage == nil)
        let image = try #require(QRCodeImage(png: png))
        #expect("\(image)" == "<redacted>")
    }

    @Test("a collection that is not there is Graph's failure, a profile that is not there is told as such")
    func notFound() async {
        let pages = Pages([.status(404)])
        let profile = ProfileReference.example()
        await #expect { try await tokens(pages).profiles(of: .deviceOwner) } throws: {
            ($0 as? GraphError)?.kind.label == "failed"
        }
        await #expect { try await tokens(pages).profile(profile) } throws: {
            ($0 as? GraphError)?.kind.label == "profileNotFound"
        }
    }
}
