import Foundation
import InMemoryLogging
import Logging
import TestSupport
import Testing
import Transport

@testable import Ledger

@Suite("The audit log", .timeLimit(.minutes(5)))
struct AuditLogTests {
    private let folder: Folder
    private let handler = InMemoryLogHandler()
    private var path: String { folder.path("audit.jsonl") }

    init() throws { folder = try Folder() }

    private func log(at path: String? = nil) throws -> AuditLog {
        let handler = handler
        return try AuditLog(path: path ?? self.path, logger: Logger(label: "test") { _ in handler })
    }

    private var messages: [String] { handler.entries.map { "\($0.message)" } }

    private func lines(_ records: some Sequence<LedgerRecord>) -> String {
        records.map { AuditLine.text($0) + "\n" }.joined()
    }

    @Test("each record is one line, in the order in which they came, in a file that the owner alone can read")
    func lines() async throws {
        let log = try log()
        let records = (0..<1234).map { AuditSample.record(after: Double($0)) }
        records.forEach(log.record)
        await log.close()
        #expect(try folder.read("audit.jsonl") == lines(records))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(log.fault == nil && log.dropped == 0)
        #expect(messages.isEmpty)
    }

    @Test("it is written without anybody asking for it, and goes on with what is in the file")
    func byItself() async throws {
        try folder.write("before\n", to: "audit.jsonl")
        let log = try log()
        let record = AuditSample.record()
        log.record(record)
        while try folder.read("audit.jsonl") != "before\n" + lines([record]) {
            try await Task.sleep(for: .milliseconds(5))
        }
        await log.close()
    }

    @Test("after it is closed it takes nothing")
    func closed() async throws {
        let log = try log()
        await log.close()
        log.record(AuditSample.record())
        await log.flush()
        #expect(try folder.read("audit.jsonl") == "")
    }

    @Test("a file that was moved away or deleted is made anew, and one that was truncated begins anew")
    func rotation() async throws {
        let log = try log()
        let records = (0..<4).map { AuditSample.record(after: Double($0)) }
        log.record(records[0])
        await log.flush()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        log.record(records[1])
        await log.flush()
        #expect(try folder.read("audit.jsonl.1") == lines(records[..<1]))
        #expect(try folder.read("audit.jsonl") == lines(records[1..<2]))
        #expect(truncate(path, 0) == 0)
        log.record(records[2])
        await log.flush()
        #expect(try folder.read("audit.jsonl") == lines(records[2..<3]))
        try FileManager.default.removeItem(atPath: path)
        log.record(records[3])
        await log.close()
        #expect(try folder.read("audit.jsonl") == lines(records[3...]))
        #expect(messages.isEmpty)
    }

    @Test("a full disk is told once, loses nothing that fits in memory, and is over when it is over")
    func fullDisk() async throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let log = try log()
        let records = (0..<700).map { AuditSample.record(after: Double($0)) }
        for part in [records[..<300], records[300...]] {
            part.forEach(log.record)
            await log.flush()
            #expect(log.fault == "\(path) cannot be written: No space left on device")
        }
        #expect(messages == ["The audit log cannot be written; it is tried again"])
        try FileManager.default.removeItem(atPath: path)
        // By itself: nothing more comes.
        while log.fault != nil { try await Task.sleep(for: .milliseconds(5)) }
        await log.close()
        #expect(try folder.read("audit.jsonl") == lines(records))
        #expect(messages.last == "The audit log is written again" && messages.count == 2)
        #expect(log.dropped == 0)
    }

    @Test("what is beyond its capacity is dropped, counted and told")
    func capacity() async throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let log = try log()
        let first = AuditSample.record(after: -1)
        log.record(first)
        await log.flush()
        let records = (0..<AuditLog.capacity + 7).map { AuditSample.record(after: Double($0)) }
        records.forEach(log.record)
        #expect(log.dropped == 7)
        #expect(try await Workplace(audit: log).ledger.health.auditDropped == 7)
        await log.flush()
        let told = try #require(handler.entries.last)
        #expect(told.message == "Records are missing in the audit log; the ledger has them")
        #expect(told.metadata["audit.dropped"] == "7" && told.level == .error)
        try FileManager.default.removeItem(atPath: path)
        await log.flush()
        #expect(try folder.read("audit.jsonl") == lines([first] + records.dropLast(7)))
        await log.close()
        #expect(log.dropped == 7)
    }

    @Test("what cannot be written until it is closed is counted and told")
    func lost() async throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let log = try log()
        for second in 0..<3 { log.record(AuditSample.record(after: Double(second))) }
        await log.close()
        #expect(log.dropped == 3)
        #expect(handler.entries.last?.metadata["audit.dropped"] == "3")
    }

    @Test("a line that was cut short is whole in the next file")
    func cut() async throws {
        // A pipe takes what it has room for.
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try log()
        let records = (0..<400).map { AuditSample.record(after: Double($0)) }
        records.forEach(log.record)
        await log.flush()
        #expect(log.fault == "\(path) cannot be written: Resource temporarily unavailable")
        let all = Array(lines(records).utf8)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        // It must not be tried again in between: there would be room.
        try FileManager.default.removeItem(atPath: path)
        let count = read(reader, &bytes, bytes.count)
        try #require(count > 0 && count < all.count)
        #expect(Array(bytes[..<count]) == Array(all[..<count]))
        await log.close()
        let whole = bytes[..<count].count { $0 == 0x0A }
        #expect(try folder.read("audit.jsonl") == lines(records[whole...]))
    }

    @Test("half a line that a run before left behind spoils no record", arguments: ["", #"{"id":"0189"#, "whole\n"])
    func halfLine(before: String) async throws {
        try folder.write(before, to: "audit.jsonl")
        let records = (0..<2).map { AuditSample.record(after: Double($0)) }
        let log = try log()
        for record in records {
            log.record(record)
            await log.flush()
        }
        await log.close()
        let rest = before.isEmpty || before.hasSuffix("\n") ? "" : "\n"
        #expect(try folder.read("audit.jsonl") == before + rest + lines(records))
    }

    @Test("a file that cannot be opened at the start is refused, with a sentence that names it")
    func refused() throws {
        try folder.write("", to: "file")
        for path in [folder.path, folder.path("none/audit.jsonl"), folder.path("file/audit.jsonl")] {
            let fault = #expect(throws: LedgerFault.self) { try log(at: path) }
            #expect(fault?.description.contains("the audit log \(path) cannot be opened: ") == true)
            #expect(fault?.description.contains("AUDIT_LOG_PATH") == true)
        }
    }

    @Test("a folder that may not be written to is refused", .enabled(if: getuid() != 0))
    func readOnly() throws {
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let fault = #expect(throws: LedgerFault.self) { try log() }
        #expect(fault?.reason.hasSuffix("Permission denied") == true)
    }
}
