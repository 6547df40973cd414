import JSONText
import Logging
import Transport

/// One log event, about to be written.
struct LogLine {
    var time: Timestamp
    var level: Logger.Level
    var label: String
    var message: String
    var facts: Logger.Metadata

    /// `{"timestamp":…,"level":…,"label":…,"message":…,` then the facts in alphabetical order `}`.
    var json: String {
        var json = JSONObjectText()
        json.add("timestamp", time.rfc3339Milliseconds)
        json.add("level", level.rawValue)
        json.add("label", label)
        json.add("message", message)
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) { json.add(name, value.description) }
        return json.text
    }

    /// `12:34:56.789 INFO  message  name=value …`
    var text: String {
        let clock = time.rfc3339Milliseconds.dropFirst(11).dropLast()
        let word = level.rawValue.uppercased()
        var line = clock + " " + word + String(repeating: " ", count: max(1, 9 - word.utf8.count)) + printable(message)
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            let text = printable(value.description)
            line += " " + name + "=" + (text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text)
        }
        return String(line)
    }

    private func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .control {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
