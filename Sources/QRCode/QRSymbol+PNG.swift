import CPNG

extension QRSymbol {
    /// The light border that a scanner needs, in modules (ISO/IEC 18004 §6.3.8).
    package static let quietZone = 4

    /// The symbol with its quiet zone as a PNG: 8-bit grey, black on white.
    ///
    /// - Parameter scale: pixels per module, at least 1.
    /// - Throws: ``QRCodeError/pictureFailed(_:)`` with libpng's words.
    package func png(scale: Int = 8) throws(QRCodeError) -> [UInt8] {
        let width = (side + 2 * Self.quietZone) * max(scale, 1)
        return try Self.encode(pixels(width: width, scale: max(scale, 1)), width: width)
    }

    /// One byte a pixel, row by row.
    private func pixels(width: Int, scale: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * width)
        for row in -Self.quietZone..<(side + Self.quietZone) {
            var line: [UInt8] = []
            line.reserveCapacity(width)
            for column in -Self.quietZone..<(side + Self.quietZone) {
                line.append(contentsOf: repeatElement(isDark(row: row, column: column) ? 0 : 255, count: scale))
            }
            for _ in 0..<scale { pixels.append(contentsOf: line) }
        }
        return pixels
    }

    /// libpng's simplified interface: the only one without `setjmp`, over which Swift frames may not be jumped.
    private static func encode(_ pixels: [UInt8], width: Int) throws(QRCodeError) -> [UInt8] {
        var image = unsafe png_image()
        unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
        unsafe image.width = png_uint_32(width)
        unsafe image.height = png_uint_32(width)
        unsafe image.format = png_uint_32(PNG_FORMAT_GRAY)
        // Frees what libpng keeps behind `opaque`; harmless when there is nothing.
        defer { unsafe png_image_free(&image) }

        // libpng reads width * height bytes of `pixels` and writes at most `capacity` bytes, neither after the call.
        // Deflate's stored blocks bound the size: 5 bytes for every 16 KiB, one filter byte a row, and the chunks' frames.
        let raw = pixels.count + width
        var capacity = png_alloc_size_t(raw + raw / 1000 + 1024)
        let output = unsafe [UInt8](unsafeUninitializedCapacity: Int(capacity)) { memory, count in
            let written = unsafe png_image_write_to_memory(&image, memory.baseAddress, &capacity, 0, pixels, 0, nil)
            count = written == 0 ? 0 : Int(capacity)
        }
        guard !output.isEmpty else { throw .pictureFailed(unsafe message(of: image)) }
        return output
    }

    private static func message(of image: png_image) -> String {
        // `message` is a NUL-terminated text inside the structure.
        unsafe withUnsafeBytes(of: image.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
