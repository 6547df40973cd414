import Foundation
import TestSupport
import Testing
import Transport

@testable import KeyRing

@Suite("KeyRingFile", .timeLimit(.minutes(5)))
struct KeyRingFileTests {
    private let folder: Folder
    private var file: KeyRingFile { KeyRingFile(folder.path("keys.json")) }
    private let order = KeyOrder(caller: "portal", grant: KeyGrant(rights: [.createToken], profiles: .all))

    init() throws { folder = try Folder() }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    private func fault(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing"
    }

    @Test("a new file is for its owner alone, whatever it was before, and nothing is left beside it")
    func mode() throws {
        _ = try file.update { try $0.add(order, at: start) }
        #expect(try mode(file.path) == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        _ = try file.update { try $0.add(order, at: start) }
        #expect(try mode(file.path) == 0o600)
        #expect(try file.read().entries.count == 2)
        #expect(folder.names == ["keys.json"])
    }

    @Test("root's change leaves the file to whom it belongs", .enabled(if: geteuid() == 0))
    func owner() throws {
        _ = try file.update { try $0.add(order, at: start) }
        #expect(chown(file.path, 12_345, 12_346) == 0)
        _ = try file.update { try $0.add(order, at: start) }
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.ownerAccountID] as? Int == 12_345 && attributes[.groupOwnerAccountID] as? Int == 12_346)
        #expect(try mode(file.path) == 0o600)
    }

    @Test("a change that is refused, or that meets a broken file, leaves the file as it is")
    func refused() throws {
        _ = try file.update { try $0.add(order, at: start) }
        let before = try Data(contentsOf: URL(fileURLWithPath: file.path))
        #expect(throws: KeyOrderRefusal.self) { try file.update { try $0.revoke(APIKey.random().id, at: start) } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == before)
        try Data("half".utf8).write(to: URL(fileURLWithPath: file.path))
        #expect(throws: KeyRingFault.self) { try file.update { try $0.add(order, at: start) } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == Data("half".utf8))
        #expect(folder.names == ["keys.json"])
    }

    @Test("a link out of a folder that is a link itself leads where the system says")
    func linkInLinkedFolder() throws {
        for name in ["a", "b/c", "a/real", "b/real"] {
            try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(atPath: folder.path("a/link"), withDestinationPath: "../b/c")
        let path = folder.path("a/link/keys.json")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "../real/keys.json")
        _ = try KeyRingFile(path).update { try $0.add(order, at: start) }
        #expect(try KeyRingFile(path).read().entries.count == 1)
        #expect(FileManager.default.fileExists(atPath: folder.path("b/real/keys.json")))
        #expect(!FileManager.default.fileExists(atPath: folder.path("a/real/keys.json")))
    }

    @Test("what could not be read again is not written, and neither is what nobody took note of")
    func unwritten() throws {
        _ = try file.update { try $0.add(order, at: start) }
        let before = try Data(contentsOf: URL(fileURLWithPath: file.path))
        let reason = fault { _ = try file.update { $0.entries[0].expiresAt = KeyRule.latest + day } }
        #expect(reason.contains("could not be read"), "\(reason)")
        let large = fault {
            _ = try file.update { document in
                document.entries[0].comment = String(repeating: "x", count: KeyRingFile.largest)
            }
        }
        #expect(large.contains("larger than"), "\(large)")
        var isThere = true
        #expect(throws: CancellationError.self) {
            try file.update {
                try $0.add(order, at: start)
            } confirm: { new in
                // Nobody finds it yet.
                isThere = try file.read().entries.contains { $0.id == new.key.id }
                throw CancellationError()
            }
        }
        #expect(!isThere)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == before)
        #expect(folder.names == ["keys.json"])
    }

    @Test("a folder is no file, however it is named", arguments: ["", "/", "/.", "/..", "/sub/", "/missing/"])
    func folders(suffix: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path("sub"), withIntermediateDirectories: true)
        let names = folder.names
        let reason = fault { _ = try KeyRingFile(folder.path + suffix).update { try $0.add(order, at: start) } }
        #expect(reason.contains("folder"), "\(reason)")
        #expect(folder.names == names)
        #expect(!KeyRingFile(folder.path + suffix).hasOtherReaders)
    }

    @Test("a pipe is no file for a key ring, and who reads it does not wait for it")
    func pipe() throws {
        #expect(mkfifo(file.path, 0o600) == 0)
        let reason = fault { _ = try file.read() }
        #expect(reason.contains("it is a pipe or a device"))
    }

    @Test("what a symbolic link leads to is replaced, and the link stays")
    func link() throws {
        try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "real/ring.json")
        _ = try file.update { try $0.add(order, at: start) }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == "real/ring.json")
        #expect(try file.read().entries.count == 1)
        #expect(try mode(folder.path("real/ring.json")) == 0o600)
    }

    @Test("many changes at the same time all count")
    func concurrency() async throws {
        var patient = file
        // A slow disk takes its time twenty times over.
        patient.patience = .seconds(240)
        let file = patient
        let order = order
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try file.update { try $0.add(order, at: start) } } }
            try await group.waitForAll()
        }
        #expect(try file.read().entries.count == 20)
        #expect(folder.names == ["keys.json"])
    }

    @Test("what cannot be read is said in words: no file, a folder, a file of 50 MB")
    func unreadable() throws {
        #expect(fault { _ = try file.read() }.contains("there is no file"))
        #expect(fault { _ = try KeyRingFile(folder.path).read() }.contains("is a folder"))
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.truncate(atOffset: 50 << 20)
        #expect(fault { _ = try file.read() }.contains("larger than 16384 KiB"))
        #expect(fault { _ = try KeyRingFile(folder.path("no/folder/keys.json")).update { _ in } }.contains("folder"))
    }
}
