import Foundation
import Testing

@testable import CurlTransport

@Suite("CurlLibrary")
struct CurlLibraryTests {
    let good = CurlLibrary.loaded()

    @Test("the library of this machine is good enough")
    func loaded() throws {
        try CurlLibrary.check(good)
        try CurlLibrary.start()
    }

    @Test("a version below the floor is refused with a sentence")
    func tooOld() {
        let old = CurlLibrary.Build(number: 0x075600, version: "7.86.0", features: good.features)
        let error = CurlTransportError.libraryTooOld(version: "7.86.0", required: "7.87.0")
        #expect(throws: error) { try CurlLibrary.check(old) }
        #expect(
            "\(error)" == "libcurl 7.86.0 is too old: version 7.87.0 or later is needed. Update the system's libcurl."
        )
    }

    @Test(
        "a build without a needed feature is refused by its name",
        arguments: [("HTTP2", 1 << 16), ("SSL", 1 << 2), ("AsynchDNS", 1 << 7)]
    )
    func featureMissing(name: String, bit: Int) {
        let poor = CurlLibrary.Build(number: good.number, version: "8.0.0", features: good.features & ~Int32(bit))
        #expect(throws: CurlTransportError.featureMissing(name, version: "8.0.0")) { try CurlLibrary.check(poor) }
    }

    @Test("a file of extra trust that is missing, a directory or no PEM stops the start")
    func extraTrust() throws {
        let empty = FileManager.default.temporaryDirectory.appending(path: "no-pem-\(UUID().uuidString)").path
        try "not a certificate".write(toFile: empty, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: empty) }
        for path in ["/nowhere/ca.pem", "/tmp", empty] {
            #expect {
                _ = try CurlTransport(configuration: CurlConfiguration(certificateAuthoritiesPath: path))
            } throws: { error in
                guard case .certificateAuthorities(path, _)? = error as? CurlTransportError else { return false }
                return true
            }
        }
    }
}
