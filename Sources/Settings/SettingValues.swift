/// So many in so much time.
package struct SettingRate: Sendable, Hashable, CustomStringConvertible {
    package static let greatestCount = 100_000
    /// In days.
    package static let longestInterval = 366
    /// What is asked of one, in words.
    package static let form =
        "a count of 1 to \(greatestCount) and a time of at most \(longestInterval)d, in ms, s, m, h or d"

    package var count: Int
    package var interval: Duration

    package init(count: Int, interval: Duration) {
        self.count = count
        self.interval = interval
    }

    /// `COUNT/DURATION`, both above zero and without zeros before them; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "1")...UInt8(ascii: "9")
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.first.map(digits.contains) ?? false }),
            let count = Int(parts[0]), count <= Self.greatestCount,
            let interval = Duration(setting: String(parts[1])), interval <= .seconds(Self.longestInterval * 86_400)
        else { return nil }
        self.init(count: count, interval: interval)
    }

    /// As it is written in a setting, in the largest unit that fits.
    package var description: String {
        let milliseconds = interval.components.seconds * 1000 + interval.components.attoseconds / 1_000_000_000_000_000
        let units: [(name: String, length: Int64)] = [
            ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        let unit = units.first { milliseconds.isMultiple(of: $0.length) } ?? ("ms", 1)
        return "\(count)/\(milliseconds / unit.length)\(unit.name)"
    }
}

extension Duration {
    /// A whole number and a unit out of `ms`, `s`, `m`, `h`, `d`, without a space; `nil` for anything else.
    package init?(setting text: String) {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard let number = Int64(String(Substring(digits))), number <= 1_000_000_000 else { return nil }
        switch text.utf8.dropFirst(digits.count).map({ Character(Unicode.Scalar($0)) }) {
        case ["m", "s"]: self = .milliseconds(number)
        case ["s"]: self = .seconds(number)
        case ["m"]: self = .seconds(number * 60)
        case ["h"]: self = .seconds(number * 3600)
        case ["d"]: self = .seconds(number * 86400)
        default: return nil
        }
    }
}
