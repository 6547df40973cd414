import QRCode
import TestSupport
import Testing

/// What is drawn, read back by a decoder that is none of ours. One after another: many programs at once would hold up the tests
/// that count on time.
@Suite("Scanned QR codes", .serialized, .timeLimit(.minutes(5)))
struct ScanTests {
    @Test("a PNG reads back as its text, small and large", arguments: Samples.all, [2, 3, 8])
    func png(_ sample: (name: String, text: String), scale: Int) async throws {
        let png = try QRSymbol(sample.text).png(scale: scale)
        #expect(try await QRCodeReader.text(inPNG: png) == sample.text)
    }

    @Test(
        "an SVG reads back as its text, at whole pixels a module and in between",
        arguments: Samples.all,
        [2, 2.7, 3, 4.31, 8, 11.1]
    )
    func svg(_ sample: (name: String, text: String), scale: Double) async throws {
        let symbol = try QRSymbol(sample.text)
        let width = Int(Double(symbol.side + 2 * QRSymbol.quietZone) * scale)
        #expect(try await QRCodeReader.text(inSVG: symbol.svg(), width: width) == sample.text)
    }

    @Test("the largest symbol there is reads back, drawn in either way", arguments: [2, 5])
    func largest(scale: Int) async throws {
        let symbol = try QRSymbol(Samples.longest)
        #expect(symbol.side == 177)
        #expect(try await QRCodeReader.text(inPNG: symbol.png(scale: scale)) == Samples.longest)
        #expect(try await QRCodeReader.text(inSVG: symbol.svg(), width: 185 * scale) == Samples.longest)
    }

    @Test("an SVG that is opened alone has a size at which it reads back")
    func ownSize() async throws {
        let symbol = try QRSymbol(Samples.provisioning)
        #expect(try await QRCodeReader.text(inSVG: symbol.svg()) == Samples.provisioning)
    }
}
