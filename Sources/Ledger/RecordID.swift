import Synchronization
package import Transport

/// The id of a ledger record: a GUID whose order is the order in time (RFC 9562 §5.7, version 7).
///
/// Those of one process come in the order in which they were made.
package struct RecordID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `nil` for what is no GUID.
    package init?(_ text: some StringProtocol) {
        guard let bits = GUIDText.bits(Substring(text)) else { return nil }
        (high, low) = bits
    }

    /// A new one.
    package static func fresh(at time: Timestamp = .now) -> RecordID {
        let milliseconds = UInt64(max(0, time.secondsSince1970 * 1000))
        let random = UInt64.random(in: 0...UInt64.max)
        let high = last.withLock { last -> UInt64 in
            // 48 bits of time, the version, and 12 bits that count within a millisecond.
            let stamp = milliseconds << 12
            last = max(stamp, last + 1)
            return (last >> 12) << 16 | 0x7000 | last & 0xFFF
        }
        return RecordID(high: high, low: random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    /// The least that one of this time has: to find those since then.
    package static func least(at time: Timestamp) -> RecordID {
        RecordID(high: UInt64(max(0, time.secondsSince1970 * 1000)) << 16, low: 0)
    }

    private static let last = Mutex<UInt64>(0)

    /// Its 16 bytes, the most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    /// - Returns: `nil` unless there are 16.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    package static func < (left: RecordID, right: RecordID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    package var description: String { GUIDText.text(high: high, low: low) }
}
