package import Transport

/// When a credential ends, as far as that is known: a certificate says so itself, of a secret the operator does.
package struct CredentialExpiry: Sendable, Equatable {
    package enum Subject: String, Sendable {
        case certificate
        case clientSecret = "client secret"
        /// Of the gateway's own TLS.
        case callerCertificate = "certificate that callers are shown"
    }

    package enum Standing: Sendable, Equatable {
        case distant
        /// Within ``warningDays``.
        case near
        case ended
    }

    /// From so many days before its end on there are warnings: a replacement takes people, and they take days.
    package static let warningDays = 30

    package let subject: Subject
    package let endsAt: Timestamp

    package init(_ subject: Subject, endsAt: Timestamp) {
        self.subject = subject
        self.endsAt = endsAt
    }

    /// Whole days, rounded down: 0 on the last day, below it once it has ended.
    package func daysLeft(at now: Timestamp) -> Int {
        // As numbers: a `Duration` does not hold every time that a certificate may name.
        let days = (endsAt.secondsSince1970 - now.secondsSince1970) / 86400
        return Int(min(max(days.rounded(.down), -1e6), 1e6))
    }

    package func standing(at now: Timestamp) -> Standing {
        if endsAt <= now { return .ended }
        return daysLeft(at: now) < Self.warningDays ? .near : .distant
    }

    /// In a sentence, without its capital and full stop.
    package func remark(at now: Timestamp) -> String {
        let days = daysLeft(at: now)
        let end = endsAt.rfc3339
        switch standing(at: now) {
        case .ended: return "the \(subject.rawValue) ended on \(end): replace it"
        case .near where days == 0: return "the \(subject.rawValue) ends today, at \(end): replace it"
        case .near:
            return "the \(subject.rawValue) ends in \(days) \(days == 1 ? "day" : "days"), on \(end): replace it"
        case .distant: return "the \(subject.rawValue) ends in \(days) days, on \(end)"
        }
    }
}
