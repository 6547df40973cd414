import Foundation
import Testing

@testable import Reloading

@Suite("FileWatch", .timeLimit(.minutes(5)))
final class FileWatchTests {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to name: String, atomically: Bool = false) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name), options: atomically ? .atomic : [])
    }

    @Test("files that stay as they are tell nothing")
    func quiet() async throws {
        try write("one", to: "a")
        var watch = await FileWatch([folder + "/a", folder + "/missing"])
        for _ in 0..<10 { #expect(await !watch.look()) }
    }

    @Test("a change is told once, when the file has settled", arguments: [false, true])
    func settles(atomically: Bool) async throws {
        try write("one", to: "a")
        var watch = await FileWatch([folder + "/a"])
        try write("three", to: "a", atomically: atomically)
        #expect(await !watch.look())
        #expect(await watch.look())
        #expect(await !watch.look())
    }

    @Test("a file that never settles is told about all the same")
    func restless() async throws {
        var watch = await FileWatch([folder + "/a"])
        var told = 0
        for turn in 0..<(2 * FileWatch.longestWait) {
            try write(String(repeating: "x", count: turn + 1), to: "a")
            if await watch.look() { told += 1 }
        }
        #expect(told == 2)
    }

    @Test("a file that comes, goes and comes again is told about each time")
    func comesAndGoes() async throws {
        var watch = await FileWatch([folder + "/a"])
        for turn in 0..<4 {
            if turn.isMultiple(of: 2) {
                try write("one", to: "a")
            } else {
                try FileManager.default.removeItem(atPath: folder + "/a")
            }
            #expect(await !watch.look())
            #expect(await watch.look())
        }
    }

    @Test("the swap of a link above the file is seen, as Kubernetes does it")
    func linkSwap() async throws {
        let files = FileManager.default
        for (version, text) in [("..1", "same"), ("..2", "same")] {
            try files.createDirectory(atPath: "\(folder)/\(version)", withIntermediateDirectories: true)
            try write(text, to: "\(version)/secret")
        }
        try files.createSymbolicLink(atPath: folder + "/..data", withDestinationPath: "..1")
        try files.createSymbolicLink(atPath: folder + "/secret", withDestinationPath: "..data/secret")
        var watch = await FileWatch([folder + "/secret"])
        #expect(await !watch.look())
        try files.createSymbolicLink(atPath: folder + "/..new", withDestinationPath: "..2")
        #expect(rename(folder + "/..new", folder + "/..data") == 0)
        #expect(await !watch.look())
        #expect(await watch.look())
    }

    @Test("rights that were mended are a change")
    func rights() async throws {
        try write("one", to: "a")
        var watch = await FileWatch([folder + "/a"])
        #expect(chmod(folder + "/a", 0o400) == 0)
        #expect(await !watch.look())
        #expect(await watch.look())
    }

    @Test("every listener of the reload signal hears it")
    func signal() async {
        let signal = ReloadSignal()
        var first = signal.requests().makeAsyncIterator()
        var second = signal.requests().makeAsyncIterator()
        signal.send()
        #expect(await first.next() != nil)
        #expect(await second.next() != nil)
    }
}
