import ArgumentParser
import Foundation
import KeyRing
import Settings

/// `keys`: gives out the callers' keys, and takes them away.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, show, rotate, revoke and test the callers' API keys.",
        discussion: """
            The keys are in the file that API_KEYS_PATH or --file names: digests only, so that it may be kept in a private \
            repository. A gateway that runs with this file takes a change over within a second, without a restart.
            """,
        subcommands: [
            NewKeyCommand.self, ListKeysCommand.self, RotateKeyCommand.self, RevokeKeyCommand.self, TestKeyCommand.self,
            SchemaCommand.self,
        ]
    )
}

/// Where the key ring's file is.
struct KeyRingLocation: ParsableArguments {
    @Option(
        name: [.customLong("file"), .customLong("api-keys-path")],
        help: "The key ring's file, instead of API_KEYS_PATH."
    )
    var path: String?

    var file: KeyRingFile {
        get throws {
            let settings = SettingsReader()
            if let path = path ?? settings.text(KeyRingConfiguration.fileSetting), !path.isEmpty {
                return KeyRingFile(path)
            }
            complain("Which key ring? Set API_KEYS_PATH, or give --file PATH.")
            throw ExitCode(SettingsError.exitCode)
        }
    }

    /// Changes the file, and says what that means for those who read it.
    func change<Value>(
        _ change: (inout KeyRingDocument) throws -> Value,
        confirm: (Value) throws -> Void = { _ in }
    ) throws -> Value {
        // A reader that has gone is to be an error of the write, not the end of the program in the middle of it.
        signal(SIGPIPE, SIG_IGN)
        return try run(comfort: " Nothing was changed.") { file in
            let hadOtherReaders = file.hasOtherReaders
            let value = try file.update(change, confirm: confirm)
            if hadOtherReaders {
                complain(
                    "Others than its owner could read \(file.path). Now only the owner can: the gateway has to run as that user."
                )
            }
            return value
        }
    }

    /// Runs what works on the file, and puts what goes wrong into a sentence.
    ///
    /// - Parameter comfort: what is said behind it.
    func run<Value>(comfort: String = "", _ work: (KeyRingFile) throws -> Value) throws -> Value {
        let file = try file
        do {
            return try work(file)
        } catch let fault as KeyRingFault {
            complain("The key ring \(file.path) cannot be used: \(fault).\(comfort)")
            throw ExitCode.failure
        } catch let refusal as KeyOrderRefusal {
            complain("\(refusal)\(comfort)")
            throw ExitCode.failure
        }
    }
}
