import Foundation
import Testing

@testable import Telemetry

@Suite("What the process takes of its machine")
struct ProcessFactsTests {
    @Test("the kernel's numbers, in the units of their names")
    func facts() throws {
        let folder = FileManager.default.temporaryDirectory
        let before = ProcessFacts.read()
        let handle = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/stat"))
        let after = ProcessFacts.read()
        withExtendedLifetime((handle, folder)) {}
        #expect(after.openDescriptors.map { $0 >= 4 } == true && before.openDescriptors != nil)
        let resident = try #require(after.residentBytes)
        #expect(resident > 1_000_000 && resident < 64_000_000_000)
        #expect(try #require(after.virtualBytes) >= resident)
        #expect(try #require(after.cpuSeconds) >= 0)
        #expect(try #require(after.threads) >= 1)
        #expect(try #require(after.descriptorLimit) >= 64)
        let age = Date.now.timeIntervalSince1970 - (try #require(after.startTime))
        #expect(age > -2 && age < 36_000)
    }
}
