import ArgumentParser
import Graph
import KeyRing
import Settings
import Transport

extension KeyRight: ExpressibleByArgument {}
extension ProfileKind: ExpressibleByArgument {}

/// A key's id on the command line. Whoever gives the key itself has just shown it to all who list the processes.
struct KeyIDArgument: ParsableArguments {
    @Argument(help: "The id of the key, as `keys list` shows it.")
    var id: String

    func validate() throws { _ = try keyID }

    var keyID: KeyID {
        get throws {
            if let keyID = KeyID(id) { return keyID }
            let isKey = id.hasPrefix(APIKey.prefix)
            throw ValidationError(
                isKey
                    ? "Give the key's id alone, the 8 characters behind \(APIKey.prefix). A key on a command line is shown to "
                        + "everybody who lists the processes: rotate or revoke this one."
                    : "A key's id is 8 characters out of a to z and 2 to 7, as `keys list` shows it."
            )
        }
    }
}

/// A point in time on the command line: a time, a date, or how long from now.
enum Moment: ExpressibleByArgument {
    case at(Timestamp)
    case after(Duration)

    init?(argument: String) {
        if let time = KeyRule.time(argument) ?? KeyRule.time(argument + "T00:00:00Z") {
            self = .at(time)
        } else if let duration = Duration(setting: argument) {
            self = .after(duration)
        } else {
            return nil
        }
    }

    func time(from now: Timestamp) -> Timestamp {
        switch self {
        case .at(let time): time
        case .after(let duration): Timestamp(secondsSince1970: (now + duration).secondsSince1970.rounded(.down))
        }
    }
}

/// A length of time on the command line.
struct TimeSpan: ExpressibleByArgument {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    /// In days.
    var defaultValueDescription: String { "\(duration.components.seconds / 86_400)d" }

    init?(argument: String) {
        guard let duration = Duration(setting: argument) else { return nil }
        self.duration = duration
    }
}

extension SettingRate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
