import Foundation
import GRDB
import Glibc
import Ledger
import TestSupport
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: opening", .timeLimit(.minutes(5)))
struct OpeningTests {
    @Test("what is missing on the way is created, for this user alone")
    func created() async throws {
        let folder = try Folder()
        let path = folder.path("a/b/ledger.sqlite")
        let ledger = SQLiteLedger(path: path)
        try await ledger.open()
        try await ledger.probe()
        #expect(try mode(folder.path("a")) == 0o700 && mode(folder.path("a/b")) == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
        await ledger.close()
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }

    private func mode(_ path: String) throws -> UInt16 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).uint16Value
    }

    @Test("a folder that cannot be created is named, with the reason")
    func noFolder() async throws {
        let folder = try Folder()
        try folder.write("no folder", to: "file")
        let fault = await fault { try await SQLiteLedger(path: folder.path("file/data/ledger.sqlite")).open() }
        #expect(fault?.kind == .unavailable && fault?.fix != nil)
        #expect(fault?.reason == "the folder \(folder.path("file/data")) cannot be created: Not a directory")
    }

    @Test("a folder in the file's place is no ledger")
    func folderThere() async throws {
        let place = try LedgerFolder()
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: false)
        #expect(await place.openingFault()?.reason == "the file \(place.path) cannot be opened: Is a directory")
    }

    @Test("the second gateway is told that the first has the file, and gets it when that ends")
    func inUse() async throws {
        var place = try LedgerFolder()
        let first = try await place.open()
        let fault = await place.openingFault()
        #expect(fault?.kind == .inUse)
        #expect(fault?.fix?.contains("postgresql://") == true)

        place.limits.lockPatience = .seconds(30)
        let waiting = place
        async let opening = waiting.open()
        await first.close()
        let second = try await opening
        try await second.probe()
        await second.close()
    }

    @Test("a file that a link leads to is one file, by either name")
    func linked() async throws {
        let place = try LedgerFolder()
        try await place.open().close()
        let link = place.folder.path("link.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.path)
        let first = try await place.open()
        let second = SQLiteLedger(path: link, limits: place.limits)
        #expect(await fault { try await second.open() }?.kind == .inUse)
        await first.close()
        try await second.open()
        #expect(await place.openingFault()?.kind == .inUse)
        await second.close()
    }

    @Test("another process's lock counts, and ends with it")
    func otherProcess() async throws {
        var place = try LedgerFolder()
        let holder = try ChildProgram(
            "/usr/bin/flock",
            [place.path + ".lock", "sh", "-c", "echo locked; exec cat"],
            input: .pipe,
            output: .pipe
        )
        #expect(try holder.output?.read(upToCount: 6) == Data("locked".utf8))
        #expect(await place.openingFault()?.kind == .inUse)
        try holder.input?.close()
        place.limits.lockPatience = .seconds(30)
        #expect(await place.openingFault() == nil)
    }

    @Test("where the system gives no locks its reason is told at once, and nobody is said to have the file")
    func noLocks() throws {
        let place = try LedgerFolder()
        var calls = 0
        do {
            // Whoever waited that long would never be back.
            _ = try FileLock(of: place.path, patience: .seconds(3600)) { _, _ in
                calls += 1
                errno = calls < 3 ? EINTR : ENOLCK
                return -1
            }
            Issue.record("It cannot be locked")
        } catch {
            #expect(error.kind == .unavailable && error.fix != nil)
            #expect(error.reason == "\(place.path).lock cannot be locked: No locks available")
        }
        // An interruption is no reason.
        #expect(calls == 3)
    }

    @Test("a later version's file is refused, and left as it is")
    func tooNew() async throws {
        let place = try LedgerFolder()
        try await place.open().close()
        let other = try place.otherProgram()
        try await other.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('later')") }
        try other.close()
        #expect(await place.openingFault()?.kind == .tooNew)
        #expect(throws: LedgerFault.self) { try SQLiteLedger.reader(path: place.path) }
    }

    @Test("another program's database is refused, and left as it is")
    func otherDatabase() async throws {
        let place = try LedgerFolder()
        let other = try place.otherProgram()
        try await other.write { try $0.execute(sql: "CREATE TABLE records (id INTEGER)") }
        try other.close()
        let before = try Data(contentsOf: URL(filePath: place.path))
        let fault = await place.openingFault()
        #expect(fault?.kind == .corrupt && fault?.reason == "the file is another program's database")
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
    }

    @Test("a file that is no database is refused, with the way out")
    func garbage() async throws {
        let place = try LedgerFolder()
        let text = String(repeating: "this is no database\n", count: 1000)
        try place.folder.write(text, to: "ledger.sqlite")
        let fault = await place.openingFault()
        #expect(fault?.kind == .corrupt && fault?.reason == "the file is no SQLite database")
        #expect(fault?.fix?.contains("move") == true)
        #expect(try place.folder.read("ledger.sqlite") == text)
    }

    @Test("an empty file becomes a ledger")
    func empty() async throws {
        let place = try LedgerFolder()
        try place.folder.write("", to: "ledger.sqlite")
        #expect(await place.openingFault() == nil)
    }

    @Test("a file that is damaged in the middle is refused, with the way out")
    func damaged() async throws {
        let place = try LedgerFolder()
        try await place.populate(2000)
        try place.damage(from: 0.4, to: 0.6)
        let before = try Data(contentsOf: URL(filePath: place.path))
        let fault = await place.openingFault()
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
        #expect(fault?.kind == .corrupt && fault?.reason == "the file is damaged")
        #expect(fault?.fix?.hasPrefix("Restore a backup") == true)
        #expect(fault?.fix?.contains("second token") == true)
    }

    @Test("of a large file the newest records are looked at")
    func largeDamaged() async throws {
        var place = try LedgerFolder()
        try await place.populate(2000)
        place.limits.fullCheckBelow = 1
        #expect(await place.openingFault() == nil)
        try place.damage(from: 0.5, to: 1)
        #expect(await place.openingFault()?.kind == .corrupt)
    }

    @Test("damage that shows later fails what meets it, and the process goes on")
    func damagedLater() async throws {
        var place = try LedgerFolder()
        try await place.populate(2000)
        place.limits.fullCheckBelow = 1
        try place.damage(from: 0.2, to: 0.5)
        let ledger = try await place.open()
        let fault = await fault { _ = try await ledger.records(LedgerFilter(), after: nil, limit: 5000) }
        #expect(fault?.kind == .corrupt && fault?.fix != nil)
        await ledger.close()
    }

    @Test("a transaction that was cut off by the end of the process is left out, and those before it are there")
    func tornTail() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        var ids: [RecordID] = []
        for _ in 0..<5 {
            let request = Request(key: "\(ids.count)", of: ledger)
            try await ledger.begin(request)
            ids.append(request.record.id)
        }
        // As the files are when the process is killed.
        let after = try LedgerFolder()
        try FileManager.default.copyItem(atPath: place.path, toPath: after.path)
        let log = try Data(contentsOf: URL(filePath: place.path + "-wal"))
        try log.dropLast(100).write(to: URL(filePath: after.path + "-wal"))
        await ledger.close()

        let reopened = try await after.open()
        #expect(try await reopened.records(LedgerFilter(), after: nil, limit: 10).map(\.id) == Array(ids.dropLast()))
        #expect(try await reopened.orphans(limit: 10).map(\.id) == Array(ids.dropLast()))
        try await reopened.probe()
        await reopened.close()
    }
}
