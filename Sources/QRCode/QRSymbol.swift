import CQREncode

/// A QR Code symbol (ISO/IEC 18004): a square of dark and light modules that holds a text.
///
/// Error correction level M: a quarter of what a camera sees may be wrong in places, at a size that still fits a screen.
package struct QRSymbol: Sendable, Equatable {
    /// Modules on one side, without the quiet zone.
    package let side: Int
    /// Row by row from the upper left; `true` is dark. Holds `side * side` elements.
    package let modules: [Bool]

    /// The smallest symbol that holds `text` as bytes.
    ///
    /// - Throws: ``QRCodeError/textTooLong`` when no symbol of level M can hold it (2331 bytes), and
    ///   ``QRCodeError/textEmpty``.
    package init(_ text: String) throws(QRCodeError) {
        guard !text.isEmpty else { throw .textEmpty }
        let bytes = Array(text.utf8)
        guard let count = CInt(exactly: bytes.count) else { throw .textTooLong }

        // libqrencode reads `count` bytes during the call and keeps no pointer to them; version 0 means the smallest that fits.
        let symbol = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe QRcode_encodeData(count, buffer.baseAddress, 0, QR_ECLEVEL_M)
        }
        // It answers NULL for a text that is too long and for want of memory (ENOMEM); the latter does not happen on a
        // system that overcommits.
        guard let symbol = unsafe symbol else { throw .textTooLong }
        // The symbol is ours from here, and freed once, after its modules are copied.
        defer { unsafe QRcode_free(symbol) }

        let side = unsafe Int(symbol.pointee.width)
        // qrencode.h: `data` holds width * width bytes, and the lowest bit of each says dark.
        let data = unsafe UnsafeBufferPointer(start: symbol.pointee.data, count: side * side)
        self.side = side
        modules = unsafe data.map { $0 & 1 == 1 }
    }

    /// Whether the module at `row` and `column` is dark; everything around the symbol is light.
    package func isDark(row: Int, column: Int) -> Bool {
        guard row >= 0, column >= 0, row < side, column < side else { return false }
        return modules[row * side + column]
    }
}

/// Why there is no symbol or no picture of it.
package enum QRCodeError: Error, Sendable, Equatable {
    case textEmpty
    case textTooLong
    /// libpng's own words.
    case pictureFailed(String)
}
