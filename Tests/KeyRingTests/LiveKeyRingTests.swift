import Foundation
import InMemoryLogging
import Logging
import Reloading
import ServiceLifecycle
import Settings
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import KeyRing

@Suite("LiveKeyRing", .timeLimit(.minutes(5)))
struct LiveKeyRingTests: Sendable {
    private let folder: Folder
    private let log: InMemoryLogHandler
    private var path: String { folder.path("keys.json") }

    init() throws {
        folder = try Folder()
        log = InMemoryLogHandler()
    }

    private var logger: Logger {
        let handler = log
        return Logger(label: "test") { _ in handler }
    }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    private func write(_ entries: KeyEntry...) throws { try write(KeyRingDocument(entries: entries).text) }

    private func ring(single: SingleKey? = nil) throws -> LiveKeyRing {
        LiveKeyRing(
            file: KeyRingFile(path),
            document: try KeyRingFile(path).read(),
            single: single,
            wallClock: { start },
            logger: logger
        )
    }

    private func opens(_ ring: LiveKeyRing, _ key: APIKey) -> Bool { (try? ring.caller(presenting: key.text)) != nil }

    private func messages(_ level: Logger.Level) -> [String] {
        log.entries.filter { $0.level == level }.map { $0.message.description }
    }

    @Test("a reload puts the new keys in force as a whole")
    func reload() async throws {
        let (first, second) = (APIKey.random(), APIKey.random())
        try write(.sample(first))
        let ring = try ring()
        try write(.sample(second))
        #expect(opens(ring, first))
        await ring.reload(.change)
        #expect(!opens(ring, first))
        #expect(opens(ring, second))
        #expect(ring.facts.generation == 2)
        #expect(messages(.notice) == ["Key ring read"])
    }

    @Test(
        "a file that is broken leaves the keys before it in force, says why at error once, and shows",
        arguments: ["", "{", "nonsense", #"{"version":1}"#, #"{"version":1,"keys":[{}]}"#, "\0\0\0\0"]
    )
    func broken(text: String) async throws {
        let key = APIKey.random()
        try write(.sample(key))
        let ring = try ring()
        try write(text)
        for _ in 0..<3 { await ring.reload(.change) }
        #expect(opens(ring, key))
        #expect(ring.facts.fault != nil)
        #expect(ring.facts.generation == 1)
        #expect(messages(.error) == ["The key ring's file cannot be used; the keys before it stay in force"])
        try write(.sample(key))
        await ring.reload(.change)
        #expect(ring.facts.fault == nil)
        #expect(opens(ring, key))
    }

    @Test("a file that is gone, or of 50 MB, leaves the keys before it in force")
    func gone() async throws {
        let key = APIKey.random()
        try write(.sample(key))
        let ring = try ring()
        try FileManager.default.removeItem(atPath: path)
        await ring.reload(.change)
        #expect(opens(ring, key))
        #expect(ring.facts.fault?.description.contains("there is no file") == true)
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        try #require(FileHandle(forWritingAtPath: path)).truncate(atOffset: 50 << 20)
        await ring.reload(.change)
        #expect(opens(ring, key))
        #expect(ring.facts.fault?.description.contains("larger than") == true)
    }

    @Test("a ring whose last key was taken away lets nobody in, and says so at error")
    func empty() async throws {
        let key = APIKey.random()
        try write(.sample(key))
        let ring = try ring()
        try write(KeyRingDocument().text)
        await ring.reload(.change)
        #expect(!opens(ring, key))
        #expect(ring.facts.fault == nil)
        #expect(messages(.error) == ["No key of the key ring opens anything: every caller is refused"])
    }

    @Test("the same content is nothing new, unless the operator asks")
    func same() async throws {
        try write(.sample(.random()))
        let ring = try ring()
        await ring.reload(.start)
        #expect(messages(.notice).isEmpty)
        await ring.reload(.signal)
        #expect(messages(.notice) == ["Key ring read"])
        #expect(ring.facts.generation == 1)
    }

    @Test("nothing that is logged or printed has a key or a digest")
    func secrecy() async throws {
        let key = APIKey.random()
        var entry = KeyEntry.sample(key)
        try write(entry)
        let ring = try ring(single: SingleKey(Secret("canary-single-key-01")))
        entry.caller = "other"
        try write(entry)
        await ring.reload(.change)
        try write(#"{"version":1,"keys":[{"id":"\#(key.text)","digest":"\#(key.text)"}]}"#)
        await ring.reload(.change)
        var shown = log.entries.map { "\($0.message) \($0.metadata)" }.joined()
        dump(ring, to: &shown)
        let secret = String(key.text.dropFirst(13).dropLast(6))
        #expect(!shown.contains(secret))
        #expect(!shown.contains("canary-single-key-01"))
    }

    // MARK: The watch

    private func watched(_ ring: LiveKeyRing, _ body: (ReloadSignal) async throws -> Void) async throws {
        let signal = ReloadSignal()
        let watch = KeyRingWatch(ring, signal: signal, clock: ContinuousClock())
        let group = ServiceGroup(configuration: .init(services: [watch], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(signal)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("a changed, replaced or re-linked file is taken over by itself")
    func watch() async throws {
        let keys = (0..<4).map { _ in APIKey.random() }
        for (index, key) in keys.enumerated() {
            let data = Data(KeyRingDocument(entries: [.sample(key)]).text.utf8)
            try FileManager.default.createDirectory(atPath: folder.path("v\(index)"), withIntermediateDirectories: true)
            try data.write(to: URL(fileURLWithPath: folder.path("v\(index)/keys.json")))
        }
        // As Kubernetes mounts a secret: the file is a link into a folder that is a link itself.
        try FileManager.default.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "v0")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "..data/keys.json")
        let ring = try ring()
        try await watched(ring) { signal in
            try FileManager.default.createSymbolicLink(atPath: folder.path("..new"), withDestinationPath: "v1")
            #expect(rename(folder.path("..new"), folder.path("..data")) == 0)
            try await eventually { opens(ring, keys[1]) }
            #expect(!opens(ring, keys[0]))
            try Data(contentsOf: URL(fileURLWithPath: folder.path("v2/keys.json")))
                .write(to: URL(fileURLWithPath: folder.path("v1/keys.json")))
            try await eventually { opens(ring, keys[2]) }
            let text = try String(contentsOfFile: folder.path("v3/keys.json"), encoding: .utf8)
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path("v1/keys.json")), options: .atomic)
            try await eventually { opens(ring, keys[3]) }
            signal.send()
            try await eventually { log.entries.contains { $0.metadata["cause"] == "signal" } }
        }
        #expect(messages(.error).isEmpty)
    }

    @Test("who asks while the ring is replaced all the time gets one ring or another, never none")
    func replacedUnderLoad() async throws {
        let (steady, odd, even) = (APIKey.random(), APIKey.random(), APIKey.random())
        let texts = [odd, even].map { KeyRingDocument(entries: [.sample(steady), .sample($0)]).text }
        try write(texts[0])
        let ring = try ring()
        let path = path
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<200 {
                    try Data(texts[number % 2].utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
                    await ring.reload(.change)
                }
            }
            group.addTask {
                for _ in 0..<2_000 {
                    #expect((try? ring.caller(presenting: steady.text)) != nil)
                    #expect((try? ring.caller(presenting: APIKey.random().text)) == nil)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        #expect(messages(.error).isEmpty)
        #expect(ring.facts.generation > 1)
    }
}
