import Foundation
import Telemetry
import TestSupport
import Testing

@Suite("DescriptorSink")
struct DescriptorSinkTests {
    @Test("lines written at the same time stay whole, however long", .timeLimit(.minutes(5)))
    func wholeLines() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        // Room for all of it: a line for which there is none for some milliseconds is dropped, as it should be.
        let setSize: Int32 = 1031  // F_SETPIPE_SZ
        try #require(fcntl(descriptor, setSize, Int32(1 << 20)) == 1 << 20)
        let sink = DescriptorSink(descriptor: descriptor)
        let reading = Task.detachedRead(pipe.fileHandleForReading)
        await withTaskGroup(of: Void.self) { group in
            for character in "abcd".utf8 {
                group.addTask {
                    for _ in 0..<12 { sink.write(Array(repeating: character, count: 20_000)) }
                }
            }
        }
        try pipe.fileHandleForWriting.close()
        let lines = await reading.value.split(separator: "\n")
        #expect(lines.count == 48)
        #expect(lines.allSatisfy { Set($0).count == 1 && $0.count == 20_000 })
    }

    @Test(
        "a line for which there is not enough room at once is written to its end as it is read",
        .timeLimit(.minutes(5))
    )
    func longLine() async throws {
        var text = ""
        // A reader that is kept from reading for a tenth of a second has the line cut, as it should be: then it is tried again.
        repeat {
            let pipe = Pipe()
            let reading = Task.detachedRead(pipe.fileHandleForReading)
            let descriptor = pipe.fileHandleForWriting.fileDescriptor
            let sink = DescriptorSink(descriptor: descriptor)
            // The reader is there when it has taken something.
            sink.write([])
            var unread: Int32 = 1
            while unread > 0 {
                try await Task.sleep(for: .milliseconds(1))
                try #require(ioctl(descriptor, UInt(FIONREAD), &unread) == 0)
            }
            let watch = Stopwatch()
            sink.write(Array(repeating: UInt8(ascii: "x"), count: 300_000))
            let standstill = watch.standstill
            try pipe.fileHandleForWriting.close()
            text = await reading.value
            if standstill < .milliseconds(50) { break }
        } while text.utf8.count != 300_002
        #expect(text == "\n" + String(repeating: "x", count: 300_000) + "\n")
    }

    @Test("a reader that is gone does not stop the writer")
    func brokenPipe() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        DescriptorSink(descriptor: pipe.fileHandleForWriting.fileDescriptor).write(Array("nobody reads this".utf8))
        DescriptorSink(descriptor: -1).write(Array("nor this".utf8))
    }
}

extension Task where Success == String, Failure == Never {
    /// Reads to the end on a thread of its own: reading blocks.
    static func detachedRead(_ handle: FileHandle) -> Task {
        Task {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let data = (try? handle.readToEnd()) ?? Data()
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                }
            }
        }
    }
}
