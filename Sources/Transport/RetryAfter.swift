package import HTTPTypes

/// What an upstream asks for with `Retry-After` (RFC 9110 §10.2.3), made safe to obey.
package enum RetryAfter {
    /// Nobody is made to wait longer than this, whatever an upstream says.
    package static let longest = Duration.seconds(300)

    /// How long to wait by the field's text: a number of seconds, also with a fraction as Graph has sent it, or an HTTP-date
    /// counted from `now`, which is best the answer's own `Date`. A past date or a negative number is zero; longer than
    /// ``longest`` is ``longest``; anything else is `nil`.
    package static func duration(_ text: some StringProtocol, now: Timestamp) -> Duration? {
        let trimmed = text.drop { $0 == " " }
        if let date = Timestamp(httpDate: trimmed) { return clipped((date - now).seconds) }
        guard let first = trimmed.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let seconds = Double(trimmed), seconds.isFinite
        else { return nil }
        return clipped(seconds)
    }

    /// The same of an answer's fields.
    package static func duration(in fields: HTTPFields, now: Timestamp = .now) -> Duration? {
        guard let text = fields[.retryAfter] else { return nil }
        return duration(text, now: fields[.date].flatMap { Timestamp(httpDate: $0) } ?? now)
    }

    private static func clipped(_ seconds: Double) -> Duration {
        .seconds(min(max(seconds, 0), longest.seconds))
    }
}
