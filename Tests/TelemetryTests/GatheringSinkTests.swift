import Foundation
import Synchronization
import Testing

@testable import Telemetry

@Suite("GatheringSink", .timeLimit(.minutes(5)))
struct GatheringSinkTests {
    private func sink(_ pipe: Pipe) -> GatheringSink {
        GatheringSink(descriptor: pipe.fileHandleForWriting.fileDescriptor) { Array("dropped \($0)".utf8) }
    }

    @Test("lines of many writers stay whole, and each writer's in order; the end has them all")
    func crowd() async throws {
        let pipe = Pipe()
        let sink = sink(pipe)
        let reading = Task.detachedRead(pipe.fileHandleForReading)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<2000 { sink.write(Array("\(writer) \(number)".utf8)) }
                }
            }
        }
        let begin = ContinuousClock.now
        sink.flush()
        // All sinks write in turn, and another test's may do nothing but wait for room; then the end does not wait for ever.
        if ContinuousClock.now - begin < GatheringSink.lastPatience { #expect(sink.isEmpty) }
        while !sink.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try pipe.fileHandleForWriting.close()
        let lines = await reading.value.split(separator: "\n")
        #expect(lines.count == 8000)
        for writer in 0..<4 {
            let own = lines.filter { $0.hasPrefix("\(writer) ") }
            #expect(own == (0..<2000).map { "\(writer) \($0)"[...] })
        }
    }

    @Test("a line is written without anybody's asking for it")
    func bySelf() async throws {
        let pipe = Pipe()
        let sink = sink(pipe)
        sink.write(Array("one".utf8))
        let read = await Task.detached { pipe.fileHandleForReading.availableData }.value
        #expect(String(decoding: read, as: UTF8.self) == "one\n")
        withExtendedLifetime(sink) {}
    }

    @Test("who writes never waits; where nobody reads, lines are dropped, and it is told how many when somebody does")
    func nobodyReads() async throws {
        let pipe = Pipe()
        let sink = sink(pipe)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 999)
        let count = 2 * GatheringSink.mostBytes / 1000
        for _ in 0..<count { sink.write(line) }
        let reading = Task.detachedRead(pipe.fileHandleForReading)
        // What was left is written once there is room.
        while !sink.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        sink.flush()
        try pipe.fileHandleForWriting.close()
        let lines = await reading.value.split(separator: "\n")
        let whole = lines.count { $0.count == 999 }
        let told = lines.filter { $0.hasPrefix("dropped ") }.compactMap { Int($0.dropFirst(8)) }
        #expect(lines.count == whole + told.count && told.count >= 1)
        #expect(whole + told.reduce(0, +) == count)
    }

    @Test("where nobody reads for long, no more waits than may")
    func bounded() async throws {
        let pipe = Pipe()
        let sink = sink(pipe)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 999)
        // Each time as much as may wait, and so often that the thread has looked for room several times.
        let (times, each) = (10, GatheringSink.mostBytes / 1000)
        for _ in 0..<times {
            for _ in 0..<each { sink.write(line) }
            try await Task.sleep(for: .milliseconds(70))
        }
        let count = times * each
        let reading = Task.detachedRead(pipe.fileHandleForReading)
        while !sink.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        sink.flush()
        try pipe.fileHandleForWriting.close()
        let lines = await reading.value.split(separator: "\n")
        let whole = lines.count { $0.count == 999 }
        // What waits, and what the pipe has room for.
        #expect(whole <= (GatheringSink.mostBytes + 64 * 1024) / 1000)
        #expect(whole + lines.compactMap { Int($0.dropFirst(8)) }.reduce(0, +) == count)
    }

    @Test("the end waits for a second, and no longer")
    func end() async throws {
        let pipe = Pipe()
        let sink = sink(pipe)
        for _ in 0..<200 { sink.write([UInt8](repeating: UInt8(ascii: "x"), count: 999)) }
        sink.flush()
        #expect(!sink.isEmpty)
        // Its thread goes on; the descriptor must not become another test's.
        let reading = Task.detachedRead(pipe.fileHandleForReading)
        while !sink.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try pipe.fileHandleForWriting.close()
        #expect(await reading.value.split(separator: "\n").count == 200)
    }
}
