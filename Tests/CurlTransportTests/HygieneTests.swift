import Foundation
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// Whether transfers leave anything behind, however they end. Each test has a process of its own, in which nothing else opens
/// descriptors or takes memory.
///
/// `make test` ends some hundred transfers in each way; with `SOAK` in the environment it is 10,000.
@Suite("Hygiene", .serialized, .timeLimit(.minutes(Hygiene.isSoak ? 60 : 2)))
struct HygieneTests {
    @Test("over HTTP/1.1 descriptors, threads, handles and memory are back at their start")
    func http1() async {
        await #expect(processExitsWith: .success) { try await Hygiene.http1() }
    }

    @Test("over HTTP/2 descriptors, threads, handles and memory are back at their start")
    func http2() async {
        await #expect(processExitsWith: .success) { try await Hygiene.http2() }
    }

    @Test("lookups that hang, fail and succeed leave no thread behind")
    func names() async {
        await #expect(processExitsWith: .success) { try await Hygiene.names() }
    }
}
