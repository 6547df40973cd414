import ArgumentParser
import Foundation
import Graph
import Ledger
import Settings
import Transport

/// `audit`: shows what the ledger keeps.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who asked for which enrollment token, and what came of it.",
        discussion: """
            Reads the ledger that LEDGER_URL names, also while a gateway runs. All times are in UTC. For example: \
            audit --caller portal-eu --since 24h --outcome unknown
            """
    )

    /// So many lines people get unless they ask for more.
    static let usualLimit = 100

    @Flag(help: "Write JSON, one object a line, for programs: all records that match.")
    var json = false

    @Flag(help: "Go on with what is decided from now on, until Control-C.")
    var follow = false

    @Option(help: "Only this caller's.", transform: argument(AuditArgument.caller))
    var caller: String?

    @Option(help: "Only those for the profile of this id.", transform: argument(AuditArgument.profile))
    var profile: ProfileID?

    @Option(help: "Only those for profiles of this kind.")
    var kind: ProfileKind?

    @Option(
        help: "Only what was accepted since: how long ago (24h, 7d), or a time or date (RFC 3339).",
        transform: argument { text throws(AuditArgumentFault) in try AuditArgument.since(text, now: .now) }
    )
    var since: Timestamp?

    @Option(help: "Only those of which this is known.")
    var outcome: LedgerRecord.Outcome?

    @Option(
        help: "The last so many that match, or all. Without it 100, and with --json all.",
        transform: argument(AuditArgument.limit)
    )
    var limit: AuditLimit?

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func validate() throws {
        if follow, outcome == .running {
            throw ValidationError("--follow shows what is decided: nothing of the outcome running ever is.")
        }
    }

    func run() async throws {
        // A reader that has gone is to be an error of the write.
        signal(SIGPIPE, SIG_IGN)
        let place = try place()
        do {
            let report = AuditReport(try place.reader(), filter, limit: limit ?? defaultLimit, json: json)
            if follow {
                try await AuditEnd.orderly { try await report.follow() }
            } else {
                try await report.list()
            }
        } catch is StandardOutputStream.Closed {
            // Who reads has seen enough: as with `head`.
        } catch let failure as StandardOutputStream.Failure {
            complain("Standard output cannot be written: \(failure).")
            throw ExitCode.failure
        } catch let fault as LedgerFault {
            complain("The ledger cannot be read: \(fault)")
            throw ExitCode.failure
        }
    }

    private var defaultLimit: AuditLimit { json ? .all : .last(Self.usualLimit) }

    private var filter: LedgerFilter {
        var filter = LedgerFilter()
        filter.caller = caller
        filter.profile = profile
        filter.kind = kind
        filter.since = since
        filter.outcome = outcome
        return filter
    }

    /// - Throws: `ExitCode` where the settings are wrong, or there is no ledger.
    private func place() throws -> LedgerConfiguration.Place {
        let settings = SettingsReader(arguments: flags)
        let configuration = LedgerConfiguration(settings)
        do {
            try settings.finish()
        } catch {
            complain(error.description)
            throw ExitCode(SettingsError.exitCode)
        }
        if case .none = configuration.place {
            complain("LEDGER_URL is none: the gateway keeps no ledger, and there is nothing to show.")
            throw ExitCode(SettingsError.exitCode)
        }
        return configuration.place
    }
}

extension LedgerRecord.Outcome: ExpressibleByArgument {}

/// For an option: what is wrong with its value, as ArgumentParser says it.
private func argument<Value>(
    _ read: @escaping @Sendable (String) throws(AuditArgumentFault) -> Value
) -> @Sendable (String) throws -> Value {
    { text in
        do {
            return try read(text)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
