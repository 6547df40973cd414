import JSONText
import KeyRing
import Logging
import Settings
import Testing
import Transport

@testable import GatewayAPI

@Suite("KeyRingCheck")
struct KeyRingCheckTests {
    private static let now = Timestamp(secondsSince1970: 1_767_225_600)

    private func finding(_ entries: [KeyEntry], single: SingleKey? = nil) async -> ReadinessFinding {
        let ring = LiveKeyRing(
            document: KeyRingDocument(entries: entries),
            single: single,
            wallClock: { Self.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return await KeyRingCheck(wallClock: { Self.now }, facts: { ring.facts }).finding()
    }

    private func entry(daysLeft: Int? = nil) -> KeyEntry {
        let key = APIKey.random()
        return KeyEntry(
            id: key.id,
            caller: "portal",
            digest: key.digest,
            grant: .everything,
            createdAt: Self.now - .seconds(86_400 * 100),
            expiresAt: daysLeft.map { Self.now + .seconds(Double($0) * 86_400) }
        )
    }

    @Test("its facts count the keys, those near their end apart, and show none")
    func facts() async throws {
        let finding = await finding([entry(), entry(daysLeft: 13), entry(daysLeft: 15), entry(daysLeft: -1)])
        #expect(finding.status == .ready)
        #expect(
            finding.facts?.text
                == #"{"generation":1,"loadedAt":"2026-01-01T00:00:00Z","keys":4,"live":3,"endingSoon":1,"apiKey":false}"#
        )
    }

    @Test("keys whose time has not come let nobody in either")
    func early() async {
        var entry = entry()
        entry.notBefore = Self.now + .seconds(60)
        #expect(await finding([entry]).detail == "no-key-in-force")
        #expect(await finding([entry, self.entry()]).status == .ready)
    }

    @Test("a ring that lets nobody in is a trouble, unless there is the single key")
    func nobody() async {
        #expect(await finding([entry(daysLeft: -1)]).detail == "no-key-in-force")
        #expect(await finding([entry(daysLeft: -1)], single: SingleKey(Secret("single-key-012345"))).status == .ready)
    }
}
