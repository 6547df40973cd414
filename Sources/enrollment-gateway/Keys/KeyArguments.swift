import ArgumentParser
import Graph
import KeyRing
import Settings
import Transport

extension KeyRight: ExpressibleByArgument {}
extension ProfileKind: ExpressibleByArgument {}

extension KeyID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
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

    init?(argument: String) {
        guard let duration = Duration(setting: argument) else { return nil }
        self.duration = duration
    }
}

extension SettingRate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
