import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's Graph", .timeLimit(.minutes(5)))
struct SandboxGraphTests {
    @Test(
        "createToken answers 204, and the profile then shows a new token that lives as long as asked",
        arguments: SandboxProfile.Kind.allCases
    )
    func createToken(kind: SandboxProfile.Kind) async throws {
        try await SandboxClient.withSandbox { client in
            let profile = try #require(client.store.profiles.first { $0.profile.kind == kind }).profile
            let path = "/beta/deviceManagement/\(kind.collection)/\(profile.id)"
            let token = try await client.accessToken()
            let before = client.store.now
            let created = try await client.createToken(path, token: token)
            let after = client.store.now
            #expect(created.status == 204)
            #expect(created.body.isEmpty)
            #expect(created.field("Content-Length") == nil)
            #expect(created.field("request-id") != nil)
            #expect(created.field("x-ms-ags-diagnostic")?.hasPrefix("{\"ServerInfo\":{") == true)

            let read = try await client.graph("GET", path, token: token)
            #expect(read.status == 200)
            #expect(
                read.json["@odata.context"]
                    == .string(
                        "\(client.address.graphURL)/$metadata#deviceManagement/\(kind.collection)/$entity"
                    )
            )
            let state = try #require(client.store.profile(profile.id))
            let value = try #require(state.tokenValue)
            #expect(value.wholeMatch(of: /[A-Z]{20}/) != nil)
            #expect(read.json["tokenValue"] == .string(value))
            #expect(state.tokenCreatedAt >= before && state.tokenCreatedAt <= after)
            #expect(state.tokenExpiresAt == state.tokenCreatedAt.advanced(bySeconds: 3600))
            #expect(read.json["tokenExpirationDateTime"] == .string(state.tokenExpiresAt.description))
            #expect(
                read.json["tokenCreationDateTime"]
                    == (kind == .deviceOwner ? .string(state.tokenCreatedAt.description) : nil)
            )

            #expect(try await client.createToken(path, token: token).status == 204)
            #expect(client.store.profile(profile.id)?.tokenValue != value)
            #expect(client.store.profile(profile.id)?.tokensCreated == 2)
            #expect(client.store.counters[.createToken].effective == 2)
        }
    }

    @Test("the QR code's content is what Android Device Policy is provisioned with")
    func qrCodeContent() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            let read = try await client.graph(
                "GET",
                "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)?$select=qrCodeContent",
                token: token
            )
            let value = try #require(client.store.profile(SandboxClient.forWorkID)?.tokenValue)
            let bundle = "{\"com.google.android.apps.work.clouddpc.EXTRA_ENROLLMENT_TOKEN\":\"\(value)\"}"
            let expected = """
                {"android.app.extra.PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME":\
                "com.google.android.apps.work.clouddpc/.receivers.CloudDeviceAdminReceiver",\
                "android.app.extra.PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM":\
                "I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg",\
                "android.app.extra.PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION":\
                "https://play.google.com/managed/downloadManagingApp?identifier=setup",\
                "android.app.extra.PROVISIONING_ADMIN_EXTRAS_BUNDLE":\(bundle)}
                """
            #expect(read.json["qrCodeContent"] == .string(expected))
        }
    }

    @Test("an action may be written with its namespace, and an id in capitals")
    func qualifiedAction() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let path = "\(SandboxClient.owner)/\(SandboxClient.ownerID.uppercased())/microsoft.graph.createToken"
            let answer = try await client.graph("POST", path, token: token, body: "{\"tokenValidityInSeconds\": 60}")
            #expect(answer.status == 204)
            #expect(client.store.profile(SandboxClient.ownerID)?.tokensCreated == 1)
        }
    }

    @Test("revokeToken ends the token at once, and does nothing to a profile without one")
    func revokeToken() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let path = "\(SandboxClient.owner)/\(SandboxClient.ownerID)"
            _ = try await client.createToken(path, token: token)
            #expect(try await client.graph("POST", "\(path)/revokeToken", token: token).status == 204)
            let revoked = try #require(client.store.profile(SandboxClient.ownerID))
            #expect(revoked.tokenValue == nil)
            #expect(revoked.tokenExpiresAt <= client.store.now)
            let read = try await client.graph("GET", path, token: token)
            #expect(read.json["tokenValue"] == .null)
            #expect(read.json["qrCodeContent"] == .null)
            #expect(read.json["qrCodeImage"] == .null)

            client.store.advanceClock(bySeconds: 60)
            #expect(try await client.graph("POST", "\(path)/revokeToken", token: token).status == 204)
            #expect(client.store.profile(SandboxClient.ownerID) == revoked)
        }
    }

    @Test("a list leaves the token and its QR code null, as Intune's lists do")
    func listHidesTokens() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            let list = try await client.graph("GET", SandboxClient.forWork, token: token)
            guard case .array(let values) = list.json["value"] else {
                Issue.record("no list: \(list.body)")
                return
            }
            #expect(
                values.map { $0["displayName"] } == ["Warehouse scanners", "Shop floor kiosks", "Meeting room tablets"]
            )
            #expect(list.json["@odata.count"] == nil)
            #expect(list.json["@odata.nextLink"] == nil)
            for name in ["tokenValue", "qrCodeContent", "qrCodeImage"] {
                #expect(values.allSatisfy { $0[name] == .null })
            }
        }
    }

    @Test("pages of a list follow each other by their links, and count is told when asked for")
    func paging() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            var path: String? = "\(SandboxClient.forWork)?$top=2&$count=true&$select=id"
            var ids: [JSONValue] = []
            var pages = 0
            while let next = path, pages < 5 {
                let page = try await client.graph("GET", next, token: token)
                #expect(page.json["@odata.count"] == 3)
                if case .array(let values) = page.json["value"] { ids += values.compactMap { $0["id"] } }
                pages += 1
                if case .string(let link) = page.json["@odata.nextLink"] {
                    #expect(link.hasPrefix(client.address.graphURL))
                    path = String(link.dropFirst(client.address.baseURL.count))
                } else {
                    path = nil
                }
            }
            #expect(pages == 2)
            #expect(ids == (1...3).map { .string("aaaaaaaa-0000-4000-8000-00000000000\($0)") })
            let count = try await client.graph("GET", "\(SandboxClient.owner)/$count", token: token)
            #expect(count.body == "3")
        }
    }

    @Test("$select answers those properties and no others")
    func select() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let path =
                "\(SandboxClient.owner)/\(SandboxClient.ownerID)?%24select=displayName,id,%20tokenCreationDateTime"
            let read = try await client.graph("GET", path, token: token)
            let collection = SandboxProfile.Kind.deviceOwner.collection
            #expect(
                read.body
                    == """
                    {"@odata.context":"\(client.address.graphURL)/$metadata#deviceManagement/\(collection)(id,displayName,\
                    tokenCreationDateTime)/$entity","id":"\(SandboxClient.ownerID)","displayName":"Dedicated devices",\
                    "tokenCreationDateTime":"0001-01-01T00:00:00Z"}
                    """
            )
        }
    }

    @Test("client-request-id is echoed, and Date goes by the sandbox's clock")
    func headers() async throws {
        try await SandboxClient.withSandbox { client in
            client.store.advanceClock(bySeconds: 86_400)
            let token = try await client.accessToken()
            let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
            let before = client.store.now
            let read = try await client.graph("GET", SandboxClient.forWork, token: token, [("client-request-id", id)])
            let dates = (0...60).map { before.advanced(bySeconds: $0).httpDate }
            #expect(read.field("client-request-id") == id)
            #expect(read.field("request-id") != id)
            #expect(dates.contains(read.field("Date") ?? ""))
        }
    }

    @Test("more writes than the limit are answered 429 with Retry-After, reads are not, and waiting helps")
    func throttling() async throws {
        var configuration = SandboxConfiguration()
        configuration.throttling = .init(writes: 3, seconds: 600)
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            for _ in 0..<3 { #expect(try await client.createToken(token: token).status == 204) }
            let refused = try await client.createToken(token: token)
            #expect(refused.status == 429)
            let wait = try #require(refused.field("Retry-After").flatMap(Int.init))
            #expect((1...600).contains(wait))
            #expect(refused.json["error"]?["code"] == "TooManyRequests")
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 3)
            client.store.advanceClock(bySeconds: 600)
            #expect(try await client.createToken(token: token).status == 204)
        }
    }

    @Test("throttling can be switched off")
    func noThrottling() async throws {
        var configuration = SandboxConfiguration()
        configuration.throttling = nil
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            for _ in 0..<105 { #expect(try await client.createToken(token: token).status == 204) }
        }
    }
}
