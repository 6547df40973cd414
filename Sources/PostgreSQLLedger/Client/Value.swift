import Ledger
import Transport

/// One parameter of a statement, in PostgreSQL's binary form.
///
/// Values travel beside the SQL, never in it.
struct Value: Sendable {
    /// `nil` is SQL's `NULL`.
    let bytes: [UInt8]?

    private init(_ bytes: [UInt8]?) { self.bytes = bytes }

    static let null = Value(nil)

    /// PostgreSQL's text cannot hold U+0000; it becomes the mark for what cannot be shown.
    static func text(_ text: String?) -> Value {
        guard let text else { return Value(nil) }
        guard text.utf8.contains(0) else { return Value(Array(text.utf8)) }
        return Value(Array(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : String($0) }.joined().utf8))
    }

    static func id(_ id: RecordID?) -> Value { Value(id?.bytes) }
    static func uuid(_ bytes: [UInt8]?) -> Value { Value(bytes) }
    static func digest(_ digest: Digest?) -> Value { Value(digest?.bytes) }
    static func bool(_ value: Bool?) -> Value { Value(value.map { [$0 ? 1 : 0] }) }
    static func integer(_ value: Int?) -> Value { Value(value.map { Int64($0).bigEndianBytes }) }

    static func time(_ time: Timestamp?) -> Value {
        Value(time.map { (microseconds($0.secondsSince1970) - Rows.epoch).bigEndianBytes })
    }

    /// In microseconds since 1970, as a server gave it.
    static func time(microseconds: Int64) -> Value { Value((microseconds - Rows.epoch).bigEndianBytes) }

    /// In microseconds alone: no days, no months.
    static func interval(_ duration: Duration) -> Value {
        Value(microseconds(duration.seconds).bigEndianBytes + Int64(0).bigEndianBytes)
    }

    static func texts(_ texts: [String]) -> Value {
        let text: [Int32] = [1, 0, Int32(ValueType.text.rawValue), Int32(texts.count), 1]
        let header = (texts.isEmpty ? [0, 0, text[2]] : text).flatMap(\.bigEndianBytes)
        return Value(
            texts.reduce(into: header) { bytes, text in
                let element = Value.text(text).bytes ?? []
                bytes += Int32(element.count).bigEndianBytes + element
            }
        )
    }

    /// Within ±10,000 years, which PostgreSQL can hold.
    private static func microseconds(_ seconds: Double) -> Int64 {
        Int64((min(max(seconds, -2e11), 2e11) * 1e6).rounded())
    }
}

/// The types of PostgreSQL that parameters have; the numbers are fixed in its catalogue.
enum ValueType: UInt32, Sendable {
    case bool = 16
    case bytes = 17
    case integer = 20
    case text = 25
    case texts = 1009
    case time = 1184
    case interval = 1186
    case uuid = 2950
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }
}
