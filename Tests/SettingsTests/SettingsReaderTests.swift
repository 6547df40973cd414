import Foundation
import Settings
import Testing

@Suite("SettingsReader")
struct SettingsReaderTests {
    private enum Fruit: String, CaseIterable { case apple, pear }

    @Test("a flag goes before a variable, a variable before the default")
    func order() throws {
        let both = SettingsReader(arguments: ["--http-port", "1"], environment: ["HTTP_PORT": "2"])
        #expect(both.integer("HTTP_PORT", default: 3, in: 0...9) == 1)
        let joined = SettingsReader(arguments: ["--http-port=1"], environment: ["HTTP_PORT": "2"])
        #expect(joined.integer("HTTP_PORT", default: 3, in: 0...9) == 1)
        let variable = SettingsReader(environment: ["HTTP_PORT": "2"])
        #expect(variable.integer("HTTP_PORT", default: 3, in: 0...9) == 2)
        let none = SettingsReader(environment: [:])
        #expect(none.integer("HTTP_PORT", default: 3, in: 0...9) == 3)
        for settings in [both, joined, variable, none] { try settings.finish() }
    }

    @Test("an empty value counts as none")
    func empty() throws {
        let settings = SettingsReader(environment: ["NAME": "", "PORT": "", "SECRET": "", "SECRET_FILE": ""])
        #expect(settings.text("NAME") == nil)
        #expect(!settings.isGiven("NAME"))
        #expect(settings.integer("PORT", default: 3, in: 0...9) == 3)
        #expect(settings.secret("SECRET") == nil)
        try settings.finish()
    }

    @Test("a value comes through as it is, spaces and all")
    func verbatim() {
        let settings = SettingsReader(arguments: ["--a-b", "x=y z"], environment: ["NAME": " ü,1 "])
        #expect(settings.text("NAME") == " ü,1 ")
        #expect(settings.text("A_B") == "x=y z")
    }

    @Test("a setting is given in any form: flag, variable, file")
    func given() {
        let settings = SettingsReader(arguments: ["--one", "1"], environment: ["TWO": "2", "THREE_FILE": "/nowhere"])
        #expect(["ONE", "TWO", "THREE", "FOUR"].map(settings.isGiven) == [true, true, true, false])
    }

    // MARK: Values

    @Test(
        "a number out of its range, or none at all, is a problem and the default",
        arguments: ["10", "-1", "x", "1.0", "0x1", "٣", " 1", "99999999999999999999"]
    )
    func badIntegers(text: String) {
        let settings = SettingsReader(environment: ["COUNT": text])
        #expect(settings.integer("COUNT", default: 5, in: 0...9) == 5)
        #expect(settings.problems.map(\.name) == ["COUNT"])
    }

    @Test("a duration is read with its unit, inside its range")
    func durations() {
        let settings = SettingsReader(environment: ["GOOD": "2m", "LONG": "2h", "BARE": "25"])
        let range = Duration.seconds(1)...Duration.seconds(600)
        #expect(settings.duration("GOOD", default: .seconds(9), in: range) == .seconds(120))
        #expect(settings.duration("LONG", default: .seconds(9), in: range) == .seconds(9))
        #expect(settings.duration("BARE", default: .seconds(9), in: range) == .seconds(9))
        #expect(settings.problems.map(\.name) == ["LONG", "BARE"])
    }

    @Test("a rate may be off only where that is allowed")
    func rates() {
        let settings = SettingsReader(environment: ["RATE": "3/1s", "OFF": "off"])
        let fallback = SettingRate(count: 9, interval: .seconds(9))
        #expect(
            settings.rate("RATE", default: fallback, mayBeOff: false) == SettingRate(count: 3, interval: .seconds(1))
        )
        #expect(settings.rate("OFF", default: fallback, mayBeOff: true) == nil)
        #expect(settings.problems.isEmpty)
        #expect(settings.rate("OFF", default: fallback, mayBeOff: false) == fallback)
        #expect(settings.problems.map(\.name) == ["OFF"])
    }

    @Test("a choice is one of its words exactly, and the problem names them all")
    func choices() {
        let settings = SettingsReader(environment: ["FRUIT": "pear", "OTHER": "Pear"])
        #expect(settings.choice("FRUIT", default: Fruit.apple) == .pear)
        #expect(settings.choice("NONE", default: Fruit.apple) == .apple)
        #expect(settings.choice("OTHER", default: Fruit.apple) == .apple)
        #expect(settings.problems.map(\.reason) == ["'Pear' is none of: apple, pear"])
    }

    // MARK: All problems together

    @Test("all problems come together, each with its setting, its reason and its fix")
    func together() throws {
        let settings = SettingsReader(
            arguments: ["--no-such", "1"],
            environment: ["PORT": "x", "FRUIT": "plum", "TIME": "1"]
        )
        _ = settings.integer("PORT", default: 1, in: 1...9)
        _ = settings.choice("FRUIT", default: Fruit.apple)
        _ = settings.duration("TIME", default: .seconds(1), in: .zero...Duration.seconds(9))
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["PORT", "FRUIT", "TIME", "--no-such"])
        #expect(error.problems.allSatisfy { !$0.reason.isEmpty && !$0.fix.isEmpty })
        let lines = error.description.split(separator: "\n")
        #expect(lines.first == "The configuration has 4 problems:")
        #expect(lines.count == 5)
        #expect(SettingsError.exitCode == 78)
    }

    @Test("a flag that nothing asked for is a problem, whatever its value", arguments: ["--nme=x", "--nme"])
    func unknownFlag(flag: String) throws {
        let settings = SettingsReader(arguments: ["--name", "good", flag], environment: [:])
        #expect(settings.text("NAME") == "good")
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["--nme"])
    }

    @Test(
        "a flag without a value is a problem and not silence",
        arguments: [["--name"], ["--name", "--other", "1"], ["--other", "1", "--name"]]
    )
    func flagWithoutValue(arguments: [String]) throws {
        let settings = SettingsReader(arguments: arguments, environment: [:])
        _ = settings.text("NAME")
        _ = settings.text("OTHER")
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["--name"])
    }

    @Test("a flag given twice is a problem: nobody could know which one holds")
    func flagTwice() throws {
        let settings = SettingsReader(arguments: ["--name", "a", "--name=b"], environment: [:])
        _ = settings.text("NAME")
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["--name"])
    }

    @Test(
        "a value that belongs to no flag is a problem, and is not shown: it may be a secret",
        arguments: [
            ["canary-1"], ["--name", "a", "canary-1"], ["--name=a", "canary-1"], ["--name=", "canary-1"],
            ["-c", "canary-1"],
        ]
    )
    func strayValue(arguments: [String]) throws {
        let settings = SettingsReader(arguments: arguments, environment: [:])
        _ = settings.text("NAME")
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.map(\.name) == ["command line"])
        #expect(!error.description.contains("canary-1"))
    }

    @Test("a value that is shown back is short and without control characters")
    func clipped() throws {
        let settings = SettingsReader(
            arguments: ["--" + String(repeating: "f", count: 500) + "\u{1B}[2J"],
            environment: ["PORT": "\u{1B}[31mred\n" + String(repeating: "x", count: 500)]
        )
        _ = settings.integer("PORT", default: 1, in: 1...9)
        let error = try #require(throws: SettingsError.self) { try settings.finish() }
        #expect(error.problems.count == 2)
        for problem in error.problems {
            #expect(problem.description.utf8.count < 250)
            #expect(problem.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }
}
