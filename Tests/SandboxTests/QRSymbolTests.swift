import CPNG
import Foundation
import QRCode
import TestSupport
import Testing

@testable import Sandbox

@Suite("QR Code symbols")
struct QRSymbolTests {
    static let content = ProvisioningDocument.text(enrollmentToken: "ABCDEFGHIJKLMNOPQRST")

    @Test("a symbol is a square with three finder patterns and a size of the standard")
    func symbol() throws {
        let symbol = try QRSymbol(Self.content)
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

    @Test("the format bits say error correction level M")
    func level() throws {
        let symbol = try QRSymbol(Self.content)
        // ISO/IEC 18004 §7.9: the first two format bits, unmasked by 10, are the level; 00 is M.
        let bits = [symbol.isDark(row: 8, column: 0), symbol.isDark(row: 8, column: 1)]
        #expect(bits == [true, false])
    }

    @Test("a picture holds the symbol, pixel by pixel, and a light border of four modules", arguments: [1, 4])
    func picture(scale: Int) throws {
        let symbol = try QRSymbol(Self.content)
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

    @Test(
        "a scanner reads the profile's picture back as its content",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zbarimg"), "needs zbar-tools")
    )
    func scan() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            let read = try await client.graph(
                "GET",
                "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)",
                token: token
            )
            #expect(read.json["qrCodeImage"]?["type"] == "image/png")
            guard case .string(let base64) = read.json["qrCodeImage"]?["value"], let png = Data(base64Encoded: base64),
                case .string(let content) = read.json["qrCodeContent"]
            else {
                Issue.record("no picture: \(read.body)")
                return
            }
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).png")
            try png.write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let scanned = try await ChildProgram.run("/usr/bin/zbarimg", ["--quiet", "--raw", "--nodbus", file.path])
            #expect(scanned.output == content + "\n")
        }
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
