import Activity
import Foundation
import Graph
import NIOCore
import PageTexts
import Pages
import Settings
import Testing
import Transport

@testable import Console
@testable import KeyRing

/// Writes pages with everything on them into the folder of CONSOLE_PREVIEW, for somebody to look at.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CONSOLE_PREVIEW"] != nil))
struct PreviewTests {
    private let folder = ProcessInfo.processInfo.environment["CONSOLE_PREVIEW"] ?? ""

    @Test("pages are written to be looked at", arguments: PageLanguage.allCases)
    func preview(_ language: PageLanguage) async throws {
        let busy = Self.busy
        try write("busy-\(language.rawValue)", OverviewPage(busy, .init(language: language)).html)
        var ill = busy
        ill.checks[1] = .init(
            name: "access-token",
            status: .notReady,
            detail: "secret-expired",
            message: "Entra answered 401 invalid_client"
        )
        ill.checks[3] = .init(
            name: "credential",
            status: .degraded,
            detail: "expired",
            message: "the client secret ended on 2026-11-28T00:00:00Z: replace it"
        )
        ill.accessToken = .sample(failing: .secretExpired)
        ill.credential = .sampleSecret(endsIn: day * -1)
        ill.pacingClosedFor = .seconds(17)
        ill.gauges[0].value = 256
        ill.gauges[1].value = 900
        ill.gauges[3].value = 0
        try write("ill-\(language.rawValue)", OverviewPage(ill, .init(language: language)).html)
        var degraded = busy
        degraded.checks[1] = .init(
            name: "access-token",
            status: .degraded,
            detail: "unreachable",
            message: "connect-failed: Failed to connect"
        )
        degraded.accessToken = .sample(age: minute * 55, life: hour, failing: .unreachable)
        degraded.credential = .sampleCertificate(endsIn: day * 12)
        degraded.keyRing = .sample()
        degraded.history = .init()
        try write("degraded-\(language.rawValue)", OverviewPage(degraded, .init(language: language)).html)
        let request = RequestPage(
            name: .sample(1234),
            request: Self.lostAnswer,
            view: .init(language: language),
            now: noon
        )
        try write("request-\(language.rawValue)", request.html)
        try write("gone-\(language.rawValue)", GonePage(view: .init(language: language)).html)
        for asset in ConsolePages.assets {
            let assets = URL(filePath: folder).appending(path: "assets")
            try FileManager.default.createDirectory(at: assets, withIntermediateDirectories: true)
            try Data(asset.bytes.readableBytesView).write(to: assets.appending(path: asset.fileName))
        }
    }

    private func write(_ name: String, _ html: String) throws {
        try Data(html.utf8).write(to: URL(filePath: folder).appending(path: name + ".html"))
    }

    static let lostAnswer = RequestSummary.sample(status: 504) { request in
        request.duration = .milliseconds(12_840)
        request.code = "outcome-unknown"
        request.outcome = "unknown"
        request.recordID = "019ad0f2-7b3c-7abc-8def-0123456789ab"
        request.callerLeft = true
        request.waits = [
            .init(step: "ledger", offset: .milliseconds(1), duration: .milliseconds(4)),
            .init(step: "turn", offset: .milliseconds(6), duration: .milliseconds(310)),
            .init(step: "pause", offset: .milliseconds(6800), duration: .milliseconds(2900)),
        ]
        request.attempts = [
            attempt(.readProfile, at: 320, for: 90, .baseline, status: 200),
            attempt(.createToken, at: 420, for: 6300, status: nil, error: .timedOut),
            attempt(.readProfile, at: 9710, for: 120, .readBack, status: 503),
            attempt(.readProfile, at: 9900, for: 2900, .readBack, status: nil, error: .connectionLost),
        ]
    }

    private static let named: [KeyEntry] = [
        .sample(1, "portal-eu", endsIn: day * 120, comment: "The portal of the service desk in Prague"),
        .sample(
            2,
            "portal-us",
            rights: Set(KeyRight.allCases),
            rate: CallerRate(SettingRate("80/20s")!, burst: 20),
            endsIn: day * 3
        ),
        .sample(
            3,
            "warehouse-scanners",
            rights: [.createToken],
            profiles: .some(Set((1...12).map(ProfileID.number))),
            endsIn: day * -2
        ),
        .sample(4, "kiosk-roll-out", profiles: .some([.number(1)]), notBefore: noon + day * 9, endsIn: day * 40),
        .sample(5, "old-script", endsIn: day * -40),
        .sample(6, "contractor", revokedAt: noon - day * 4, comment: "Contract ended"),
        .sample(7, "ci-smoke-test", rights: [.readProfiles], rate: CallerRate(SettingRate("10/1m")!)),
    ]
    private static let many: [KeyEntry] = (10..<80).map { number in
        .sample(number, "branch-office-\(number)", endsIn: day * (100 + number))
    }

    static let busy = ConsoleReading.sample { reading in
        reading.keyRing = .sample(named + many, hasSingle: true)
        reading.history = .sample { index, minute in
            guard index > 4 else { return }
            minute.succeeded = 20 + (index * 37) % 23 + (index > 40 ? 25 : 0)
            minute.refused = index % 7 == 0 ? 6 : index % 3
            minute.failed = (22...25).contains(index) ? 9 : 0
            minute.created = minute.succeeded / 2
            minute.revoked = index % 5
            minute.notDone = (22...25).contains(index) ? 7 : 0
            minute.unknown = index == 24 ? 1 : 0
            minute.medianLatency = .milliseconds(120 + (index * 13) % 60)
            minute.highLatency = .milliseconds((22...25).contains(index) ? 2600 : 300 + (index * 29) % 200)
        }
        reading.history.keys = [
            .number(1): .init(lastUsed: noon - .seconds(3), requests: 1840, refusals: 0),
            .number(2): .init(lastUsed: noon - minute * 2, requests: 312, refusals: 14),
            .number(3): .init(lastUsed: noon - .seconds(31), requests: 120, refusals: 120),
            .number(7): .init(lastUsed: noon - minute * 44, requests: 2, refusals: 0),
        ]
        reading.history.single = .init(lastUsed: noon - hour * 3)
        var number = 4711
        reading.history.requests = (0..<100).map { index in
            defer { number -= 1 }
            return .init(number: number, request: Self.request(index, ago: .milliseconds(3100 * index + 400)))
        }
    }

    private static func request(_ index: Int, ago: Duration) -> RequestSummary {
        switch index % 9 {
        case 0:
            return .sample("GET", status: 200, ago: ago) {
                $0.duration = .milliseconds(84)
                $0.caller = "ci-smoke-test"
                $0.route = "/profiles"
                $0.profileID = nil
            }
        case 3:
            return .sample(status: 403, ago: ago) {
                $0.code = "permission-denied"
                $0.outcome = "not-created"
                $0.caller = "warehouse-scanners"
                $0.duration = .zero
            }
        case 5:
            return .sample("GET", status: 404, ago: ago) {
                $0.code = "not-found"
                $0.route = nil
                $0.caller = nil
                $0.profileID = nil
                $0.duration = .zero
            }
        case 7 where index < 20:
            return .sample(status: 504, ago: ago) {
                $0.code = "outcome-unknown"
                $0.outcome = "unknown"
                $0.duration = .milliseconds(12_840)
            }
        case 8:
            return .sample("DELETE", status: 204, ago: ago) {
                $0.outcome = "revoked"
                $0.caller = "portal-us"
            }
        default:
            return .sample(ago: ago) {
                $0.outcome = "created"
                $0.duration = .milliseconds(280 + index * 3)
            }
        }
    }
}
