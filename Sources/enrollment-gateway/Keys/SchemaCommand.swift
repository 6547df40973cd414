import ArgumentParser
import Foundation
import KeyRing

/// `keys schema`: what the key ring's file looks like, for editors and checks.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the key ring's file."
    )

    func run() throws { try tell(KeyRingSchema.text.trimmingCharacters(in: .newlines)) }
}
