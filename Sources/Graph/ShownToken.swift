package import Settings
package import Transport

/// The enrollment token that a profile has, as Graph shows it.
package struct ShownToken: Sendable {
    /// Whether there is one, shown or not.
    package var isThere: Bool
    /// `nil`: the profile has none, or does not show it yet.
    package var value: Secret?
    /// Device-owner profiles only.
    package var createdAt: Timestamp?
    /// `nil` for a token without an end, too.
    package var expiresAt: Timestamp?
    /// By Graph's clock; not above zero for one that has ended. `nil` where no end is known.
    package var timeLeft: Duration?
    /// What a device scans: a JSON text with the token in it.
    package var qrCodeContent: Secret?
    /// Graph's own picture of it, where that was asked for and is one.
    package var qrCodeImage: QRCodeImage?
    package var attempts: [GraphAttempt]

    /// - Parameter isThere: `nil`: if it has a value.
    package init(
        isThere: Bool? = nil,
        value: Secret? = nil,
        createdAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        timeLeft: Duration? = nil,
        qrCodeContent: Secret? = nil,
        qrCodeImage: QRCodeImage? = nil,
        attempts: [GraphAttempt] = []
    ) {
        self.isThere = isThere ?? (value != nil)
        self.value = value
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.timeLeft = timeLeft
        self.qrCodeContent = qrCodeContent
        self.qrCodeImage = qrCodeImage
        self.attempts = attempts
    }

    /// - Parameter moment: for which ``timeLeft`` is told.
    init(_ state: TokenState, on clock: GraphClock, at moment: ContinuousClock.Instant, attempts: [GraphAttempt]) {
        let end = state.expiresAt.flatMap { $0.isOfAToken ? $0 : nil }
        self.init(
            value: state.value,
            createdAt: state.createdAt.flatMap { $0.isOfAToken ? $0 : nil },
            expiresAt: end,
            // No longer than it can be relied on.
            timeLeft: end.map { $0 - clock.latest(at: moment) },
            qrCodeContent: state.qrCodeContent,
            qrCodeImage: state.qrCodeImage,
            attempts: attempts
        )
    }

    /// Whether a device can be enrolled with it for so long.
    func isGood(for least: Duration) -> Bool { isThere && (timeLeft.map { $0 >= least && $0 > .zero } ?? true) }
}

extension Timestamp {
    /// Graph writes the year 1 where there never was a token; what lies beyond the year 9999 is no end.
    var isOfAToken: Bool { secondsSince1970 > 0 && secondsSince1970 < 253_402_300_799 }
}

/// A PNG that Graph has drawn of a QR code. It is as secret as what it shows.
package struct QRCodeImage: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A QR code of 177 modules at 8 pixels each stays far below.
    static let longest = 512 * 1024
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// The chunk `IEND`: empty, and always the last (PNG, Third Edition, §11.2.5).
    private static let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

    package let png: [UInt8]

    /// - Returns: `nil` for what is no PNG, for one that was cut, and for a longer one than a QR code needs.
    package init?(png: [UInt8]) {
        guard png.count <= Self.longest, png.starts(with: Self.signature), png.suffix(Self.end.count) == Self.end[...]
        else { return nil }
        self.png = png
    }

    package var description: String { Secret.placeholder }
    package var debugDescription: String { Secret.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
