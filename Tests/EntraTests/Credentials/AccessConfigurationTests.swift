import Foundation
import Settings
import Testing
import Transport

@testable import Entra

@Suite("AccessConfiguration")
struct AccessConfigurationTests {
    let folder: TemporaryFolder
    let certificate: String
    let token: String

    init() throws {
        folder = try TemporaryFolder()
        let own = try TestCertificate()
        certificate = try folder.write(own.pem + own.keyPEM, to: "app.pem")
        token = try folder.write("a.b.canary", to: "token")
    }

    static let tenant = ["AZURE_TENANT_ID": "contoso.example", "AZURE_CLIENT_ID": EntraConfiguration.exampleClient]

    func read(
        _ environment: [String: String],
        with registration: Bool = true
    ) throws -> (access: AccessConfiguration?, problems: [SettingsProblem]) {
        let replaced = environment.mapValues { $0 == "CERTIFICATE" ? certificate : $0 == "TOKEN" ? token : $0 }
        let all = registration ? Self.tenant.merging(replaced) { $1 } : replaced
        let settings = SettingsReader(environment: all)
        let cloud = Cloud(settings)
        let graph = settings.upstreamURL("GRAPH_BASE_URL") ?? cloud.graph.appending(path: "/beta")
        let access = AccessConfiguration(settings, graphRoot: graph, cloud: cloud)
        for problem in settings.problems { #expect(!"\(problem)".contains("canary")) }
        return (access, settings.problems)
    }

    @Test(
        "the credential is the one that is given, in azure-identity's order, or the one that is chosen",
        arguments: [
            (["AZURE_CLIENT_SECRET": "canary"], CredentialKind.clientSecret, []),
            (["AZURE_CLIENT_CERTIFICATE_PATH": "CERTIFICATE"], .clientCertificate, []),
            (["AZURE_FEDERATED_TOKEN_FILE": "TOKEN"], .workloadIdentity, []),
            // What a platform sets by itself is no second credential.
            (
                ["AZURE_CLIENT_SECRET": "canary", "AZURE_FEDERATED_TOKEN_FILE": "TOKEN"], .clientSecret,
                ["AZURE_FEDERATED_TOKEN_FILE"]
            ),
            (
                [
                    "AZURE_CLIENT_CERTIFICATE_PATH": "CERTIFICATE", "IDENTITY_ENDPOINT": "http://x",
                    "IDENTITY_HEADER": "canary",
                ],
                .clientCertificate, []
            ),
            (
                ["AZURE_FEDERATED_TOKEN_FILE": "TOKEN", "IDENTITY_ENDPOINT": "http://x", "IDENTITY_HEADER": "canary"],
                .workloadIdentity, []
            ),
            (
                [
                    "AZURE_CREDENTIAL": "client-certificate", "AZURE_CLIENT_SECRET": "canary",
                    "AZURE_CLIENT_CERTIFICATE_PATH": "CERTIFICATE",
                ],
                .clientCertificate, ["AZURE_CLIENT_SECRET"]
            ),
            // What is not chosen is not looked at.
            (
                [
                    "AZURE_CREDENTIAL": "client-secret", "AZURE_CLIENT_SECRET": "canary",
                    "AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere", "AZURE_FEDERATED_TOKEN_FILE": "/",
                ],
                .clientSecret, ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"]
            ),
            (["AZURE_CREDENTIAL": "managed-identity"], .managedIdentity, []),
        ]
    )
    func choice(environment: [String: String], kind: CredentialKind, unused: [String]) throws {
        let (access, problems) = try read(environment)
        #expect(problems == [])
        #expect(access?.facts.kind == kind)
        #expect(access?.unused == unused)
    }

    @Test("App Service offers a managed identity, with no tenant")
    func offered() throws {
        let (access, problems) = try read(
            [
                "IDENTITY_ENDPOINT": "http://127.0.0.1:41/msi/token", "IDENTITY_HEADER": "canary", "MSI_ENDPOINT": "x",
                "MSI_SECRET": "y",
            ],
            with: false
        )
        #expect(problems == [])
        #expect(access?.facts.kind == .managedIdentity)
        #expect(access?.endpoint.description == "http://127.0.0.1:41/msi/token")
    }

    @Test(
        "what is half, doubled or wrong is told in one sentence each, with the setting's name",
        arguments: [
            (
                ["AZURE_CLIENT_SECRET": "canary", "AZURE_CLIENT_CERTIFICATE_PATH": "CERTIFICATE"], ["AZURE_CREDENTIAL"],
                "both given"
            ),
            (
                ["AZURE_CREDENTIAL": "password", "AZURE_CLIENT_SECRET": "canary"], ["AZURE_CREDENTIAL"],
                "none of: client-secret"
            ),
            (["AZURE_CREDENTIAL": "client-secret"], ["AZURE_CLIENT_SECRET"], "not set"),
            (["AZURE_CREDENTIAL": "client-certificate"], ["AZURE_CLIENT_CERTIFICATE_PATH"], "not set"),
            (["AZURE_CREDENTIAL": "workload-identity"], ["AZURE_FEDERATED_TOKEN_FILE"], "not set"),
            (["AZURE_CLIENT_CERTIFICATE_PASSWORD": "canary"], ["AZURE_CLIENT_CERTIFICATE_PATH"], "not set"),
            ([:], ["AZURE_CLIENT_SECRET"], "neither is another"),
            (["AZURE_CLIENT_SECRET": " \t "], ["AZURE_CLIENT_SECRET"], "white space"),
            (["AZURE_FEDERATED_TOKEN_FILE": "/usr"], ["AZURE_FEDERATED_TOKEN_FILE"], "is a folder"),
            (["AZURE_FEDERATED_TOKEN_FILE": "/nowhere"], ["AZURE_FEDERATED_TOKEN_FILE"], "there is no file"),
            (["AZURE_FEDERATED_TOKEN_FILE": "/dev/null"], ["AZURE_FEDERATED_TOKEN_FILE"], "is empty"),
            (["AZURE_FEDERATED_TOKEN_FILE": "/dev/zero"], ["AZURE_FEDERATED_TOKEN_FILE"], "larger than 64 KiB"),
            (
                ["AZURE_CLIENT_SECRET": "canary", "AZURE_CLIENT_SECRET_EXPIRES_ON": "31.5.2027"],
                ["AZURE_CLIENT_SECRET_EXPIRES_ON"], "not a date"
            ),
            (
                ["AZURE_CLIENT_SECRET": "canary", "AZURE_CLAIMS_CHALLENGES": "maybe"], ["AZURE_CLAIMS_CHALLENGES"],
                "neither on nor off"
            ),
            (["AZURE_CLIENT_SECRET": "canary", "GRAPH_CLOUD": "germany"], ["GRAPH_CLOUD"], "none of: global"),
            (
                ["IDENTITY_ENDPOINT": "http://x", "IDENTITY_HEADER": "canary"], ["AZURE_TENANT_ID"],
                "no credential of an app"
            ),
        ]
    )
    func problems(environment: [String: String], names: [String], words: String) throws {
        let (access, problems) = try read(environment)
        #expect(problems.map(\.name) == names)
        #expect(problems.first?.reason.contains(words) == true, "\(problems)")
        #expect(problems.allSatisfy { !$0.fix.isEmpty })
        if names != ["AZURE_CLAIMS_CHALLENGES"], !names[0].hasSuffix("EXPIRES_ON"), names != ["GRAPH_CLOUD"],
            names != ["AZURE_TENANT_ID"]
        {
            #expect(access == nil)
        }
    }

    @Test("a tenant without a client, and a client without a tenant, are half a registration")
    func half() throws {
        for (given, missing) in [("AZURE_TENANT_ID", "AZURE_CLIENT_ID"), ("AZURE_CLIENT_ID", "AZURE_TENANT_ID")] {
            for credential in [["AZURE_CLIENT_SECRET": "canary"], ["AZURE_FEDERATED_TOKEN_FILE": "TOKEN"]] {
                let (access, problems) = try read([given: Self.tenant[given]!].merging(credential) { $1 }, with: false)
                #expect(access == nil)
                #expect(problems.map(\.name) == [missing])
            }
        }
    }

    @Test(
        "platforms whose managed identity is not supported are named",
        arguments: [
            (
                ["IDENTITY_ENDPOINT": "https://x", "IDENTITY_HEADER": "canary", "IDENTITY_SERVER_THUMBPRINT": "t"],
                "Service Fabric"
            ),
            (["MSI_ENDPOINT": "http://x", "MSI_SECRET": "canary"], "Azure Machine Learning"),
            (["IDENTITY_ENDPOINT": "http://x", "IMDS_ENDPOINT": "http://y"], "Azure Arc"),
        ],
        [true, false]
    )
    func unsupported(of platform: (environment: [String: String], name: String), chosen: Bool) throws {
        var environment = platform.environment
        if chosen { environment["AZURE_CREDENTIAL"] = "managed-identity" }
        let (access, problems) = try read(environment, with: false)
        #expect(access == nil)
        #expect(problems.count == 1)
        #expect(problems.first?.reason == "the managed identity of \(platform.name) is not supported")
    }

    @Test("half of App Service's variables are told", arguments: ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"])
    func halfPlatform(given: String) throws {
        let (_, problems) = try read([given: "http://canary", "AZURE_CREDENTIAL": "managed-identity"], with: false)
        #expect(problems.map(\.name) == [given == "IDENTITY_HEADER" ? "IDENTITY_ENDPOINT" : "IDENTITY_HEADER"])
    }

    // MARK: Clouds

    @Test(
        "a cloud decides on authority and scope",
        arguments: [
            ("global", "https://login.microsoftonline.com", "https://graph.microsoft.com/.default"),
            ("us-gov", "https://login.microsoftonline.us", "https://graph.microsoft.us/.default"),
            ("us-gov-dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us/.default"),
            ("china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn/.default"),
        ]
    )
    func clouds(cloud: String, authority: String, scope: String) throws {
        let (access, problems) = try read(["AZURE_CLIENT_SECRET": "canary", "GRAPH_CLOUD": cloud])
        #expect(problems == [])
        #expect(access?.endpoint.description == authority + "/contoso.example/oauth2/v2.0/token")
        #expect(access?.scope.description == scope)
    }

    @Test(
        "roots of one cloud, and roots that nobody knows, go together",
        arguments: [
            ["AZURE_AUTHORITY_HOST": "login.chinacloudapi.cn", "GRAPH_CLOUD": "china"],
            [
                "AZURE_AUTHORITY_HOST": "login.microsoftonline.us",
                "GRAPH_BASE_URL": "https://dod-graph.microsoft.us/beta",
            ],
            ["AZURE_AUTHORITY_HOST": "http://127.0.0.1:8443", "GRAPH_BASE_URL": "http://127.0.0.1:8443/beta"],
            ["AZURE_AUTHORITY_HOST": "https://login.example", "GRAPH_CLOUD": "us-gov"],
            ["AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us/", "GRAPH_CLOUD": "us-gov-dod"],
            ["GRAPH_BASE_URL": "https://graph.example/beta"],
        ]
    )
    func roots(environment: [String: String]) throws {
        let (access, problems) = try read(environment.merging(["AZURE_CLIENT_SECRET": "canary"]) { $1 })
        #expect(problems == [])
        #expect(access != nil)
    }

    @Test(
        "roots of different clouds are a problem that names both",
        arguments: [
            (["AZURE_AUTHORITY_HOST": "login.microsoftonline.us"], "login.microsoftonline.us", "graph.microsoft.com"),
            (["GRAPH_BASE_URL": "https://graph.microsoft.us/beta"], "login.microsoftonline.com", "graph.microsoft.us"),
            (
                ["GRAPH_CLOUD": "china", "GRAPH_BASE_URL": "https://dod-graph.microsoft.us/beta"],
                "login.partner.microsoftonline.cn", "dod-graph.microsoft.us"
            ),
            (
                [
                    "GRAPH_CLOUD": "china", "GRAPH_BASE_URL": "https://graph.example/beta",
                    "AZURE_AUTHORITY_HOST": "login.microsoftonline.com",
                ],
                "login.microsoftonline.com", "china"
            ),
        ]
    )
    func mixedClouds(environment: [String: String], one: String, other: String) throws {
        let (_, problems) = try read(environment.merging(["AZURE_CLIENT_SECRET": "canary"]) { $1 })
        #expect(problems.count == 1)
        let reason = problems.first?.reason ?? ""
        #expect(reason.contains(one) && reason.contains(other), "\(reason)")
    }

    // MARK: Claims

    @Test(
        "the capability is declared when it is switched on, and united with what Graph asks for",
        arguments: [
            (false, nil, nil),
            (false, #"{"a":1}"#, nil),
            (true, nil, #"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#),
            (
                true, #"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#,
                #"{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"xms_cc":{"values":["cp1"]}}}"#
            ),
            (
                true, #"{"id_token":{"x":null}}"#,
                #"{"access_token":{"xms_cc":{"values":["cp1"]}},"id_token":{"x":null}}"#
            ),
        ] as [(Bool, String?, String?)]
    )
    func claims(isOn: Bool, challenge: String?, expected: String?) throws {
        var configuration = EntraConfiguration.example()
        configuration.declaresClaimsChallenges = isOn
        let asked = challenge.flatMap { ClaimsChallenge(base64: Data($0.utf8).base64EncodedString()) }
        #expect(configuration.claims(answering: asked) == expected)
    }

    @Test(
        "AZURE_CLAIMS_CHALLENGES is not for managed identities",
        arguments: [("client-secret", true), ("managed-identity", false)]
    )
    func claimsSetting(kind: String, expected: Bool) throws {
        let environment = ["AZURE_CREDENTIAL": kind, "AZURE_CLIENT_SECRET": "canary", "AZURE_CLAIMS_CHALLENGES": "on"]
        #expect(try read(environment).access?.answersClaimsChallenges == expected)
    }
}
