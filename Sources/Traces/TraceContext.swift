import Transport

/// Which trace something belongs to, and which span of it is the innermost (W3C Trace Context).
package struct TraceContext: Sendable, Equatable {
    /// 16 bytes, not all of them zero.
    package struct TraceID: Sendable, Hashable, CustomStringConvertible {
        package let high: UInt64
        package let low: UInt64

        package var description: String {
            String(unsafeUninitializedCapacity: 32) { buffer in
                write(high, at: 0, of: buffer)
                write(low, at: 16, of: buffer)
                return 32
            }
        }

        static func random() -> TraceID { TraceID(high: RandomID.bits(), low: RandomID.bits() | 1) }
    }

    /// 8 bytes, not all of them zero.
    package struct SpanID: Sendable, Hashable, CustomStringConvertible {
        package let bits: UInt64

        package var description: String {
            String(unsafeUninitializedCapacity: 16) { buffer in
                write(bits, at: 0, of: buffer)
                return 16
            }
        }

        static func random() -> SpanID {
            while true {
                let bits = RandomID.bits()
                if bits != 0 { return SpanID(bits: bits) }
            }
        }
    }

    package var trace: TraceID
    package var span: SpanID
    package var isSampled: Bool

    /// The flag of version 0 that says so.
    private static let sampled: UInt8 = 1
    private static let length = 55

    package init(trace: TraceID, span: SpanID, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Reads the values of `traceparent`. What is not valid, or is there twice, is as if it were not there: the trace begins
    /// here then (§4.3).
    ///
    /// `tracestate` is other vendors' business, and is not handed on: the next one is Microsoft.
    package init?(traceparents: [String]) {
        guard traceparents.count == 1, let only = traceparents.first else { return nil }
        self.init(traceparent: only)
    }

    package init?(traceparent: String) {
        var text = traceparent
        let context = text.withUTF8 { Self.read($0) }
        guard let context else { return nil }
        self = context
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> TraceContext? {
        let dash = UInt8(ascii: "-")
        guard bytes.count >= length, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = UInt8(hexadecimal: bytes[0..<2]), version != 0xFF,
            // Version 0 has nothing behind the flags; later ones may have more, after a dash (§4.3).
            bytes.count == length || (version != 0 && bytes[length] == dash),
            let high = UInt64(hexadecimal: bytes[3..<19]), let low = UInt64(hexadecimal: bytes[19..<35]),
            high != 0 || low != 0,
            let parent = UInt64(hexadecimal: bytes[36..<52]), parent != 0,
            let flags = UInt8(hexadecimal: bytes[53..<length])
        else { return nil }
        return TraceContext(
            trace: TraceID(high: high, low: low),
            span: SpanID(bits: parent),
            isSampled: flags & sampled != 0
        )
    }

    package var traceparent: String {
        String(unsafeUninitializedCapacity: Self.length) { buffer in
            for index in [0, 1, 53] { buffer[index] = UInt8(ascii: "0") }
            for index in [2, 35, 52] { buffer[index] = UInt8(ascii: "-") }
            write(trace.high, at: 3, of: buffer)
            write(trace.low, at: 19, of: buffer)
            write(span.bits, at: 36, of: buffer)
            buffer[54] = UInt8(ascii: "0") + (isSampled ? Self.sampled : 0)
            return Self.length
        }
    }
}

private func write(_ bits: UInt64, at start: Int, of buffer: UnsafeMutableBufferPointer<UInt8>) {
    for index in 0..<16 {
        let digit = UInt8(truncatingIfNeeded: bits >> UInt64(60 - 4 * index)) & 0xF
        buffer[start + index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
    }
}

extension FixedWidthInteger {
    /// Lower-case digits only, as the header asks for (§3.2.2).
    fileprivate init?(hexadecimal digits: Slice<UnsafeBufferPointer<UInt8>>) {
        self = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = self << 4 | Self(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): self = self << 4 | Self(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
    }
}
