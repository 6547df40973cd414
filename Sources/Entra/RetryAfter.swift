import HTTPTypes

/// The `Retry-After` of an answer (RFC 9110 §10.2.3), as a waiting time.
enum RetryAfter {
    /// Longer ones count as this much: a wrong header must not silence the gateway for a day.
    static let limit: Duration = .seconds(3600)

    /// `nil` when there is none, or none that makes sense. A date is read against the answer's own `Date`, so that it does not
    /// matter what our wall clock says.
    static func delay(in fields: HTTPFields) -> Duration? {
        guard let text = fields[.retryAfter]?.trimmingSpaces, !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let seconds = Int(text) else { return limit }
            return min(.seconds(min(seconds, Int(limit.components.seconds))), limit)
        }
        guard let date = fields[.date]?.trimmingSpaces, let now = seconds(of: date), let then = seconds(of: text) else {
            return nil
        }
        return min(max(.seconds(then - now), .zero), limit)
    }

    /// Seconds since 1970 of an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private static func seconds(of text: Substring) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT",
            let day = number(parts[1], digits: 2), (1...31).contains(day),
            let month = months.firstIndex(of: parts[2]),
            let year = number(parts[3], digits: 4)
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3,
            let hour = number(time[0], digits: 2), hour < 24,
            let minute = number(time[1], digits: 2), minute < 60,
            let second = number(time[2], digits: 2), second <= 60
        else { return nil }
        return ((days(year: year, month: month + 1, day: day) * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// Days since 1970 in the Gregorian calendar. The year is taken to begin in March, which puts the leap day at its end.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

extension String {
    /// Without the blanks that HTTP allows around a field's value (RFC 9110 §5.5).
    fileprivate var trimmingSpaces: Substring {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
