import ArgumentParser
import Graph
import KeyRing
import Settings
import Transport

/// `keys new`: makes a key and shows it once.
struct NewKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a key. It is written on standard output, once; nobody can show it again.",
        discussion: """
            For example: keys new --caller portal-eu --right token:create --profile \
            7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6 --expires 90d
            """
    )

    @Option(help: "Who holds the key. Several keys of one caller share its rate.")
    var caller: String

    @Option(name: .customLong("right"), parsing: .upToNextOption, help: "What it may be used for.")
    var rights: [KeyRight]

    @Option(
        name: .customLong("profile"),
        parsing: .upToNextOption,
        help: "The ids of the profiles that it is for, or '*' for all.",
        transform: ProfileArgument.init
    )
    var profiles: [ProfileArgument]

    @Option(
        name: .customLong("kind"),
        parsing: .upToNextOption,
        help: "Kinds of profiles that it is for; without it, all."
    )
    var kinds: [ProfileKind] = []

    @Option(help: "The longest validity of an enrollment token that it may ask for, for example 12h or 30d.")
    var maxValidity: TimeSpan?

    @Option(help: "How often its caller may ask, for example 10/1s.")
    var rate: SettingRate?

    @Option(help: "How many requests may come at once; without it, the count of the rate.")
    var burst: Int?

    @Option(help: "From when on it is valid: a time, a date, or how long from now.")
    var notBefore: Moment?

    @Option(
        name: [.customLong("expires"), .customLong("expires-at")],
        help: "When it ends: a time, a date, or how long from now, for example 90d. Without it, it never ends."
    )
    var expires: Moment?

    @Option(help: "A remark for people; no secret.")
    var comment: String?

    @OptionGroup
    var location: KeyRingLocation

    func validate() throws {
        if let burst {
            guard rate != nil else { throw ValidationError("--burst needs --rate.") }
            guard (1...CallerRate.greatestBurst).contains(burst) else {
                throw ValidationError("--burst is from 1 to \(CallerRate.greatestBurst).")
            }
        }
        if let maxValidity, !KeyRule.validity.contains(maxValidity.seconds) || !maxValidity.isWhole {
            throw ValidationError(
                "--max-validity is in whole seconds, from \(KeyRule.validity.lowerBound)s to \(KeyRule.validity.upperBound)s."
            )
        }
        _ = try ProfileArgument.scope(profiles)
    }

    func run() throws {
        let now = Timestamp.now
        let order = KeyOrder(
            caller: caller,
            grant: KeyGrant(
                rights: Set(rights),
                profiles: try ProfileArgument.scope(profiles),
                kinds: kinds.isEmpty ? nil : Set(kinds),
                greatestValidity: maxValidity?.seconds
            ),
            rate: rate.map { CallerRate($0, burst: burst) },
            notBefore: notBefore?.time(from: now),
            expiresAt: expires?.time(from: now),
            comment: comment
        )
        let new = try location.change {
            try $0.add(order, at: now)
        } confirm: {
            try KeyText.show($0.key)
        }
        complain(KeyText.summary(of: new.entry, at: now))
    }
}

extension TimeSpan {
    /// In whole seconds, rounded down.
    var seconds: Int { Int(duration.components.seconds) }
    var isWhole: Bool { duration.components.attoseconds == 0 }
}

/// A profile on the command line.
enum ProfileArgument: Sendable {
    case all
    case one(ProfileID)

    init(_ text: String) throws {
        if text == "*" {
            self = .all
        } else if let id = ProfileID(text) {
            self = .one(id)
        } else {
            throw ValidationError("A profile is a GUID of 36 characters, or '*' in quotation marks for all.")
        }
    }

    /// - Throws: `ValidationError` where all and some are meant at the same time.
    static func scope(_ arguments: [ProfileArgument]) throws -> KeyGrant.Profiles {
        var ids: Set<ProfileID> = []
        var isAll = false
        for argument in arguments {
            switch argument {
            case .all: isAll = true
            case .one(let id): ids.insert(id)
            }
        }
        guard isAll else { return .some(ids) }
        guard ids.isEmpty else { throw ValidationError("Give --profile '*' alone, or ids.") }
        return .all
    }
}
