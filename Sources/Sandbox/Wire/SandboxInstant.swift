#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A point in the sandbox's time, as fine as Graph writes it: 100 nanoseconds.
package struct SandboxInstant: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What Intune shows where a date was never set.
    package static let never = SandboxInstant(ticks: -62_135_596_800 * ticksPerSecond)

    static let ticksPerSecond: Int64 = 10_000_000

    /// Units of 100 ns since 1970-01-01T00:00:00Z.
    let ticks: Int64

    init(ticks: Int64) { self.ticks = ticks }

    /// No further from now than a date with four digits for the year can be: what a client names may be anything.
    init(secondsSince1970 seconds: Int64) {
        ticks = min(max(seconds, -62_135_596_800), 253_402_300_799) * Self.ticksPerSecond
    }

    /// A date with a time and a zone (RFC 3339); nil when it is written otherwise.
    init?(iso8601 text: String) {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self.init(secondsSince1970: Int64(date.timeIntervalSince1970))
    }

    /// The machine's wall clock.
    static var wallClock: Self { .init(ticks: Int64(Date().timeIntervalSince1970 * Double(ticksPerSecond))) }

    /// Whole seconds since 1970, as JSON Web Tokens count.
    package var secondsSince1970: Int64 { Self.floor(ticks, Self.ticksPerSecond) }

    package func advanced(bySeconds seconds: Int) -> Self { .init(ticks: ticks + Int64(seconds) * Self.ticksPerSecond) }

    package static func < (left: Self, right: Self) -> Bool { left.ticks < right.ticks }

    /// As Graph writes it: ISO 8601 in UTC, with seven digits unless the fraction is zero.
    package var description: String {
        let fraction = ticks - secondsSince1970 * Self.ticksPerSecond
        return "\(date)T\(time)" + (fraction == 0 ? "Z" : ".\(Self.padded(fraction, to: 7))Z")
    }

    /// As Graph writes it in `innerError`: without fraction and without zone.
    var bareDescription: String { "\(date)T\(time)" }

    /// As Entra writes it in its errors.
    var entraDescription: String { "\(date) \(time)Z" }

    /// IMF-fixdate (RFC 9110 §5.6.7), for the `Date` field.
    var httpDate: String {
        let (year, month, day) = civil
        // 1970-01-01 was a Thursday.
        let weekday = Int(Self.modulo(days + 4, 7))
        return
            "\(Self.weekdays[weekday]), \(Self.padded(day, to: 2)) \(Self.months[month - 1]) \(Self.padded(year, to: 4)) \(time) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var days: Int64 { Self.floor(secondsSince1970, 86_400) }

    private var date: String {
        let (year, month, day) = civil
        return "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(day, to: 2))"
    }

    private var time: String {
        let second = Self.modulo(secondsSince1970, 86_400)
        return [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, to: 2) }.joined(separator: ":")
    }

    /// The proleptic Gregorian date. Counts in years that begin in March, so that the leap day is a year's last.
    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = Self.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 { value - floor(value, divisor) * divisor }

    private static func padded(_ value: some BinaryInteger, to width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
