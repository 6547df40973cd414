#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A point in wall-clock time, in UTC.
///
/// Made for the two forms that the wire uses: HTTP-date (RFC 9110 §5.6.7) and ISO 8601 as Graph writes it. Deadlines and lives
/// are not judged by it: see ``MonotonicClock``.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var secondsSince1970: Double

    package init(secondsSince1970: Double) { self.secondsSince1970 = secondsSince1970 }

    /// What the system's clock says.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(secondsSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.secondsSince1970 < right.secondsSince1970 }

    package static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(secondsSince1970: time.secondsSince1970 + duration.seconds)
    }

    package static func - (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(secondsSince1970: time.secondsSince1970 - duration.seconds)
    }

    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .seconds(left.secondsSince1970 - right.secondsSince1970)
    }
}

extension Duration {
    /// In seconds, with their fraction.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// In whole milliseconds, rounded down.
    package var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// In whole seconds, rounded up: what `Retry-After` takes.
    package var secondsRoundedUp: Int {
        Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0)
    }
}

// MARK: Text

extension Timestamp {
    /// ISO 8601 as Graph writes it: any length of fraction, `Z` or an offset; one without a zone is UTC (as Graph's
    /// `innerError.date` is). `nil` for anything else.
    package init?(iso8601 text: some StringProtocol) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let time = scanner.timeOfDay()
        else { return nil }
        var fraction = 0.0
        if scanner.take(".") {
            guard let read = scanner.fraction() else { return nil }
            fraction = read
        }
        guard let offset = scanner.zone(), scanner.isAtEnd,
            let seconds = Timestamp.seconds(year: year, month: month, day: day, secondOfDay: time)
        else { return nil }
        self.init(secondsSince1970: Double(seconds - offset) + fraction)
    }

    /// IMF-fixdate, the one form that HTTP/1.1 servers may send: `Sun, 06 Nov 1994 08:49:37 GMT`. `nil` for anything else.
    package init?(httpDate text: some StringProtocol) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
            let month = Self.months.firstIndex(where: { $0 == parts[2] })
        else { return nil }
        var date = DigitScanner(parts[1].utf8)
        var years = DigitScanner(parts[3].utf8)
        var clock = DigitScanner(parts[4].utf8)
        guard let day = date.number(2), date.isAtEnd, let year = years.number(4), years.isAtEnd,
            let time = clock.timeOfDay(), clock.isAtEnd,
            let seconds = Timestamp.seconds(year: year, month: month + 1, day: day, secondOfDay: time)
        else { return nil }
        self.init(secondsSince1970: Double(seconds))
    }

    /// RFC 3339 in UTC, to the second: `2026-11-24T08:49:37Z`.
    package var rfc3339: String { "\(day)T\(timeOfDay)Z" }

    /// The same to the millisecond: `2026-11-24T08:49:37.123Z`.
    package var rfc3339Milliseconds: String {
        let fraction = Int((secondsSince1970 - Double(wholeSeconds)) * 1000)
        return "\(day)T\(timeOfDay).\(padded(min(fraction, 999), 3))Z"
    }

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let date = Self.civil(days: days)
        // 1 January 1970 was a Thursday.
        let weekday = Self.weekdays[((days % 7) + 7 + 4) % 7]
        return
            "\(weekday), \(padded(date.day, 2)) \(Self.months[date.month - 1]) \(padded(date.year, 4)) \(timeOfDay) GMT"
    }

    private var wholeSeconds: Int { Int(secondsSince1970.rounded(.down)) }
    private var secondOfDay: Int { ((wholeSeconds % 86400) + 86400) % 86400 }
    private var days: Int { (wholeSeconds - secondOfDay) / 86400 }
    private var day: String {
        let date = Self.civil(days: days)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }
    private var timeOfDay: String {
        "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970 of a date of the proleptic Gregorian calendar; `nil` where there is no such day.
    private static func seconds(year: Int, month: Int, day: Int, secondOfDay: Int) -> Int? {
        guard (1...12).contains(month), day >= 1 else { return nil }
        let days = days(year: year, month: month, day: day)
        let back = civil(days: days)
        guard back.month == month, back.day == day else { return nil }
        return days * 86400 + secondOfDay
    }

    // Both ways count in eras of 400 years that begin on 1 March, so that the leap day is a year's last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// Reads ASCII digits and marks from the front of a text; takes no other digits than 0 to 9.
private struct DigitScanner<Bytes: Sequence<UInt8>> {
    private var rest: Array<UInt8>.SubSequence

    init(_ bytes: Bytes) { rest = Array(bytes)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digit() -> Int? {
        guard let byte = rest.first, byte >= 0x30, byte <= 0x39 else { return nil }
        rest.removeFirst()
        return Int(byte - 0x30)
    }

    mutating func number(_ digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// `hh:mm:ss` in seconds; a leap second counts as the second before.
    mutating func timeOfDay() -> Int? {
        guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60, take(":"),
            let second = number(2), second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + min(second, 59)
    }

    mutating func fraction() -> Double? {
        guard var value = digit().map(Double.init) else { return nil }
        var scale = 10.0
        while let digit = digit() {
            value = value * 10 + Double(digit)
            scale *= 10
            if scale > 1e15 { break }
        }
        while digit() != nil {}
        return value / scale
    }

    /// Seconds east of UTC; none is UTC.
    mutating func zone() -> Int? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), hours < 24 else { return nil }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
