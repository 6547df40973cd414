package import Logging
package import Settings
package import Transport

/// Where the callers' keys come from, as the operator has set it.
package struct KeyRingConfiguration: Sendable {
    package static let keySetting = "API_KEY"
    package static let fileSetting = "API_KEYS_PATH"

    /// One key with every right.
    package var single: SingleKey?
    /// The key ring's file; `nil` where there is none.
    package var file: KeyRingFile?
    /// What the file holds, once it is read.
    package private(set) var document = KeyRingDocument()

    /// Reads `API_KEY` and `API_KEYS_PATH`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) {
        single = settings.secret(Self.keySetting).flatMap { key in
            Self.check(key, settings)
            return SingleKey(key)
        }
        file = settings.text(Self.fileSetting).map { KeyRingFile($0) }
    }

    /// Reads the file: for who lets callers in, and for nobody else. What is wrong is noted in `settings`.
    package mutating func readFile(_ settings: SettingsReader) {
        guard let file else { return }
        do {
            document = try file.read()
        } catch {
            for problem in error.problems + (error.hasMore ? [KeyRingProblem(place: nil, reason: "and more")] : []) {
                settings.report(
                    Self.fileSetting,
                    "the key ring cannot be used: \(problem)",
                    fix: "Mend the file, or make one with: enrollment-gateway keys new"
                )
            }
        }
    }

    /// Reports it where nobody could call: without any key, and with none that opens anything now or later.
    package func checkOpens(_ settings: SettingsReader, at now: Timestamp = .now) {
        guard single == nil, !settings.isGiven(Self.keySetting) else { return }
        guard file != nil else {
            return settings.report(
                Self.keySetting,
                "it is not set, and neither is \(Self.fileSetting): without a key nobody could call",
                fix: "Make one, for example with: openssl rand -hex 24"
            )
        }
        // What is wrong with the file has been said.
        guard !settings.problems.contains(where: { $0.name == Self.fileSetting }) else { return }
        guard !document.entries.contains(where: { $0.isUsable(at: now) }) else { return }
        settings.report(
            Self.fileSetting,
            document.entries.isEmpty
                ? "the key ring has no keys, so that nobody could call"
                : "every key of the key ring is revoked or has ended, so that nobody could call",
            fix: "Make one with: enrollment-gateway keys new"
        )
    }

    private static func check(_ key: Secret, _ settings: SettingsReader) {
        let lengths = SingleKey.leastLength...KeyRing.longestKey
        let isPrintable = key.reveal { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        guard !lengths.contains(key.byteCount) || !isPrintable else { return }
        settings.report(
            keySetting,
            "it is not \(lengths.lowerBound) to \(lengths.upperBound) printable ASCII characters without spaces",
            fix: "Make one, for example with: openssl rand -hex 24"
        )
    }
}

extension LiveKeyRing {
    /// The ring that the settings ask for.
    package convenience init(_ configuration: KeyRingConfiguration, logger: Logger) {
        self.init(
            file: configuration.file,
            document: configuration.document,
            single: configuration.single,
            logger: logger
        )
    }
}
