import PageTexts
import Transport

/// The console's texts.
typealias Text = Phrase.Console

/// Times and numbers as one language writes them, seen from one moment.
struct Words: Sendable {
    let language: PageLanguage
    let now: Timestamp

    func callAsFunction(_ phrase: Phrase) -> String { phrase[language] }

    /// 12,345
    func number(_ number: Int) -> String {
        let digits = Array(String(number.magnitude).utf8)
        var text: [UInt8] = number < 0 ? [UInt8(ascii: "-")] : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(UInt8(ascii: ",")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Lengths of time

    /// In the unit that fits: `12 s`, `3 min`, `2 h 5 min`, `4 days`.
    func span(_ duration: Duration) -> String { span(seconds: duration.seconds) }

    /// As a number: a `Duration` does not hold every time that a certificate may name.
    func span(seconds: Double) -> String {
        let whole = Int(min(max(seconds.rounded(), 0), 1e11))
        switch whole {
        case ..<60: return Text.seconds(language, number(whole))
        case ..<3600: return Text.minutes(language, number(whole / 60))
        case ..<172_800:
            let minutes = whole / 60 % 60
            let hours = Text.hours(language, number(whole / 3600))
            return minutes == 0 ? hours : hours + self(Text.blank) + Text.minutes(language, number(minutes))
        default: return Text.days(language, number(whole / 86_400))
        }
    }

    /// To the millisecond where that is what counts: `< 1 ms`, `7 ms`, `1.25 s`, `12.3 s`.
    func latency(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        switch milliseconds {
        case 0 where duration > .zero: return "< 1 ms"
        case ..<1000: return "\(milliseconds) ms"
        case ..<10_000: return "\(milliseconds / 1000).\(padded(milliseconds % 1000 / 10, 2)) s"
        case ..<100_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        default: return "\(number(milliseconds / 1000)) s"
        }
    }

    /// How long after a beginning: `+0 ms`, `+320 ms`.
    func offset(_ duration: Duration) -> String { "+" + latency(.milliseconds(duration.milliseconds)) }

    /// `in 12 s`, `3 min ago`.
    func relative(_ time: Timestamp) -> String {
        let seconds = time.secondsSince1970 - now.secondsSince1970
        if abs(seconds) < 0.5 { return self(Text.justNow) }
        return (seconds > 0 ? Text.ahead : Text.ago)(language, span(seconds: abs(seconds)))
    }

    // MARK: Moments, all in UTC

    /// 2026-11-29 08:49:37 UTC
    func moment(_ time: Timestamp) -> String { "\(date(time)) \(clock(time)) UTC" }

    /// 2026-11-29
    func date(_ time: Timestamp) -> String { String(parts(time).date) }

    /// 08:49:37
    func clock(_ time: Timestamp) -> String { String(parts(time).time) }

    /// 08:49
    func minute(_ time: Timestamp) -> String { String(parts(time).time.prefix(5)) }

    private func parts(_ time: Timestamp) -> (date: Substring, time: Substring) {
        let text = Self.bounded(time).rfc3339
        guard let mark = text.firstIndex(of: "T") else { return (text[...], "") }
        return (text[..<mark], text[text.index(after: mark)...].dropLast())
    }

    /// What a year of four digits holds.
    static func bounded(_ time: Timestamp) -> Timestamp {
        Timestamp(secondsSince1970: min(max(time.secondsSince1970, -62_135_596_800), 253_402_300_799))
    }

    private func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
