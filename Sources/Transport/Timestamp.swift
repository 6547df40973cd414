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
        var scanner = DigitScanner(Array(Substring(text).utf8)[...])
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
        self.init(fixdate: Array(Substring(text).utf8))
    }

    /// Each part has its place in the 29 bytes.
    private init?(fixdate bytes: [UInt8]) {
        guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), bytes[4] == 0x20, bytes[7] == 0x20, bytes[11] == 0x20,
            bytes[16] == 0x20, bytes[25...].elementsEqual(" GMT".utf8),
            let month = Self.months.firstIndex(where: { bytes[8..<11].elementsEqual($0.utf8) })
        else { return nil }
        var scanner = DigitScanner(bytes[5..<7])
        guard let day = scanner.number(2) else { return nil }
        scanner = DigitScanner(bytes[12..<16])
        guard let year = scanner.number(4) else { return nil }
        scanner = DigitScanner(bytes[17..<25])
        guard let time = scanner.timeOfDay(),
            let seconds = Timestamp.seconds(year: year, month: month + 1, day: day, secondOfDay: time)
        else { return nil }
        self.init(secondsSince1970: Double(seconds))
    }

    /// RFC 3339 in UTC, to the second: `2026-11-24T08:49:37Z`.
    package var rfc3339: String { text { $0.appendRFC3339(self) } }

    /// The same to the millisecond: `2026-11-24T08:49:37.123Z`.
    package var rfc3339Milliseconds: String {
        text { text in
            text.appendRFC3339(self)
            text.removeLast()
            text.append(UInt8(ascii: "."))
            text.append(min(Int((secondsSince1970 - Double(wholeSeconds)) * 1000), 999), digits: 3)
            text.append(UInt8(ascii: "Z"))
        }
    }

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let date = Self.civil(days: days)
        // 1 January 1970 was a Thursday.
        let weekday = Self.weekdays[((days % 7) + 7 + 4) % 7]
        return text { text in
            text += "\(weekday), ".utf8
            text.append(date.day, digits: 2)
            text += " \(Self.months[date.month - 1]) ".utf8
            text.append(date.year, digits: 4)
            text.append(0x20)
            text.append(timeOfDay: secondOfDay)
            text += " GMT".utf8
        }
    }

    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate var wholeSeconds: Int { Int(secondsSince1970.rounded(.down)) }
    fileprivate var secondOfDay: Int { ((wholeSeconds % 86400) + 86400) % 86400 }
    fileprivate var days: Int { (wholeSeconds - secondOfDay) / 86400 }

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

    fileprivate static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
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

extension [UInt8] {
    /// A number with leading zeros.
    fileprivate mutating func append(_ number: Int, digits: Int) {
        var scale = 1
        for _ in 1..<digits { scale *= 10 }
        if number < 0 || number >= scale * 10 { return self += String(number).utf8 }
        while scale > 0 {
            append(UInt8(ascii: "0") + UInt8(number / scale % 10))
            scale /= 10
        }
    }

    fileprivate mutating func append(timeOfDay seconds: Int) {
        append(seconds / 3600, digits: 2)
        append(UInt8(ascii: ":"))
        append(seconds / 60 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(seconds % 60, digits: 2)
    }

    fileprivate mutating func appendRFC3339(_ time: Timestamp) {
        let date = Timestamp.civil(days: time.days)
        append(date.year, digits: 4)
        append(UInt8(ascii: "-"))
        append(date.month, digits: 2)
        append(UInt8(ascii: "-"))
        append(date.day, digits: 2)
        append(UInt8(ascii: "T"))
        append(timeOfDay: time.secondOfDay)
        append(UInt8(ascii: "Z"))
    }
}

/// Reads ASCII digits and marks from the front of a text; takes no other digits than 0 to 9.
private struct DigitScanner {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

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
