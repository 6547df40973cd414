import CPNG
import QRCode
import Testing

@Suite("QR Code symbols")
struct QRSymbolTests {
    @Test("a symbol is a square with three finder patterns and a size of the standard")
    func symbol() throws {
        let symbol = try QRSymbol(Samples.provisioning)
        #expect(symbol.modules.count == symbol.side * symbol.side)
        #expect((symbol.side - 17).isMultiple(of: 4))
        for (row, column) in [(0, 0), (0, symbol.side - 7), (symbol.side - 7, 0)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    let ring = max(abs(y - 3), abs(x - 3))
                    #expect(symbol.isDark(row: row + y, column: column + x) == (ring != 2))
                }
            }
        }
        #expect(!symbol.isDark(row: symbol.side - 1, column: -1))
    }

    @Test("both copies of the format bits say error correction level M", arguments: [1, 100, 2331])
    func level(length: Int) throws {
        let symbol = try QRSymbol(String(repeating: "a", count: length))
        let last = symbol.side - 1
        // ISO/IEC 18004 §7.9: around the upper left finder pattern, and once more along the two others; first bit first.
        let places = (0..<8).map { $0 < 6 ? (8, $0) : (8, $0 + 1) } + [(7, 8)] + (0..<6).map { (5 - $0, 8) }
        let copies = (0..<7).map { (last - $0, 8) } + (0..<8).map { (8, last - 7 + $0) }
        let read = [places, copies].map { places in
            places.reduce(0) { $0 << 1 | (symbol.isDark(row: $1.0, column: $1.1) ? 1 : 0) } ^ 0b101_0100_0001_0010
        }
        #expect(read[0] == read[1])
        // 01 is L, 00 is M, 11 is Q, 10 is H.
        #expect(read[0] >> 13 == 0b00)
        // The other bits make it a word of the code whose generator this is.
        let remainder = (0..<5).reduce(read[0]) { rest, step in
            rest >> (14 - step) & 1 == 1 ? rest ^ 0b101_0011_0111 << (4 - step) : rest
        }
        #expect(remainder == 0)
    }

    @Test("a picture holds the symbol, pixel by pixel, and a light border of four modules", arguments: [1, 4])
    func picture(scale: Int) throws {
        let symbol = try QRSymbol(Samples.provisioning)
        let png = try symbol.png(scale: scale)
        #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(String(decoding: png[12..<16], as: UTF8.self) == "IHDR")
        let side = (symbol.side + 8) * scale
        let (width, pixels) = try #require(Self.pixels(of: png))
        #expect(width == side)
        let wrong = (0..<(side * side)).filter { index in
            let dark = symbol.isDark(row: index / side / scale - 4, column: index % side / scale - 4)
            return pixels[index] != (dark ? 0 : 255)
        }
        #expect(wrong.isEmpty)
    }

    @Test("a text that no symbol holds is refused, and so is none at all")
    func refusals() throws {
        #expect(try QRSymbol(String(repeating: "a", count: 2331)).side == 177)
        #expect(throws: QRCodeError.textTooLong) { try QRSymbol(String(repeating: "a", count: 2332)) }
        #expect(throws: QRCodeError.textEmpty) { try QRSymbol("") }
    }

    /// The width and the grey pixels of a PNG.
    private static func pixels(of png: [UInt8]) -> (width: Int, pixels: [UInt8])? {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        return png.withUnsafeBytes { bytes -> (Int, [UInt8])? in
            guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else { return nil }
            guard image.width == image.height, image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR) == 0 else {
                return nil
            }
            image.format = png_uint_32(PNG_FORMAT_GRAY)
            var pixels = [UInt8](repeating: 1, count: Int(image.width) * Int(image.height))
            guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { return nil }
            return (Int(image.width), pixels)
        }
    }
}
