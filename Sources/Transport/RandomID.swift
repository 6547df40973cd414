import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Ids for requests.
package enum RandomID {
    /// A random GUID (RFC 9562 §5.4, version 4) in lower case.
    ///
    /// Foundation's opens the system's random device for each (swift-foundation of Swift 6.3 on Linux).
    package static func guid() -> String {
        let (first, second) = reserve.withLock { ($0.next(), $0.next()) }
        let high = first & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        let low = second & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return GUIDText.text(high: high, low: low)
    }

    /// 64 random bits.
    package static func bits() -> UInt64 { reserve.withLock { $0.next() } }

    private static let reserve = Mutex(RandomReserve())
}

/// The system's random numbers, fetched in advance: Swift's own generator asks the system for each. For ids, not for secrets.
private struct RandomReserve {
    /// 256 bytes, the most that getentropy(3) gives at a time.
    private static let size = 32

    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty { fill() }
        return words.removeLast()
    }

    private mutating func fill() {
        words = [UInt64](repeating: 0, count: Self.size)
        #if canImport(Glibc)
            if words.withUnsafeMutableBytes({ getentropy($0.baseAddress!, $0.count) }) == 0 { return }
        #endif
        var source = SystemRandomNumberGenerator()
        for index in words.indices { words[index] = source.next() }
    }
}

/// The text form of a GUID, from and to its 128 bits.
package enum GUIDText {
    /// 36 characters, lower case.
    package static func text(high: UInt64, low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = index < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64((15 - index % 16) * 4)) & 0xF
                buffer[position] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
                position += 1
            }
            return position
        }
    }

    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in ASCII hexadecimal digits of either case; `nil` for anything else.
    package static func bits(_ text: Substring) -> (high: UInt64, low: UInt64)? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard position < 36, let digit = value(ofHexadecimal: byte) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        return position == 36 ? (high, low) : nil
    }

    private static func value(ofHexadecimal byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
