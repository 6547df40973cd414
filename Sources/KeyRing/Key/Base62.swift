/// Numbers in the digits `0` to `9`, `A` to `Z`, `a` to `z`, always in so many of them.
enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// - Parameter bytes: a number, its most significant byte first. What does not fit into `length` digits is lost.
    static func text(of bytes: [UInt8], length: Int) -> [UInt8] {
        var number = bytes
        var digits = [UInt8](repeating: alphabet[0], count: length)
        for position in digits.indices.reversed() {
            var remainder = 0
            for index in number.indices {
                let value = remainder << 8 | Int(number[index])
                number[index] = UInt8(value / 62)
                remainder = value % 62
            }
            digits[position] = alphabet[remainder]
        }
        return digits
    }

    static func text(of number: UInt32, length: Int) -> [UInt8] {
        var rest = number
        var digits = [UInt8](repeating: alphabet[0], count: length)
        for position in digits.indices.reversed() {
            digits[position] = alphabet[Int(rest % 62)]
            rest /= 62
        }
        return digits
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

/// The checksum of ISO 3309 and zlib: polynomial 0xEDB88320, reflected, with all bits set before and inverted after.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
}
