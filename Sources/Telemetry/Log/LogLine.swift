import JSONText
import LogFacts
import Logging
import Transport

/// One log event, about to be written.
struct LogLine {
    var time: Timestamp
    var level: Logger.Level
    var label: String
    var message: String
    /// In alphabetical order.
    var facts: [LogFacts.Member]

    /// `{"timestamp":…,"level":…,"label":…,"message":…,` then the facts `}`.
    var json: [UInt8] {
        var json = JSONObjectText(reserving: 128 + 64 * facts.count)
        json.add("timestamp", time.rfc3339Milliseconds)
        json.add("level", level.rawValue)
        json.add("label", label)
        json.add("message", message)
        for (name, value) in facts {
            json.add(name, value)
        }
        return json.finished()
    }

    /// `12:34:56.789 INFO  message  name=value …`
    var text: [UInt8] {
        let clock = time.rfc3339Milliseconds.dropFirst(11).dropLast()
        let word = level.rawValue.uppercased()
        var line = clock + " " + word + String(repeating: " ", count: max(1, 9 - word.utf8.count)) + printable(message)
        for (name, value) in facts {
            line += " " + printable(name) + "=" + quoted(printable(value))
        }
        return Array(line.utf8)
    }

    /// In quotation marks where it could otherwise be taken for more than one value.
    private func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: endsLines) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if endsLines(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whether it could end a line, or command a terminal.
    private func endsLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension LogLine {
    private static let ownNames: Set<String> = ["timestamp", "level", "label", "message"]

    /// - Parameter facts: of any origin. One that is named like what each line has gets an underscore: no name stands there twice.
    init(time: Timestamp, level: Logger.Level, label: String, message: String, facts: Logger.Metadata) {
        let members = facts.sorted { $0.key < $1.key }.map { name, value in
            (name: Self.ownNames.contains(name) ? name + "_" : name, value: value.text)
        }
        self.init(time: time, level: level, label: label, message: message, facts: members)
    }
}

extension Logger.MetadataValue {
    /// As ``description``, which makes a text anew.
    fileprivate var text: String {
        if case .string(let text) = self { text } else { description }
    }
}
