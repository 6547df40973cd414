import Foundation
import TestSupport
import Testing

/// An answer, as the curl command shows it to a user.
struct CurlAnswer {
    var status: Int
    /// Names in lower case.
    var fields: [String: String]
    var body: String

    var json: [String: Any] {
        ((try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any]) ?? [:]
    }

    subscript(_ member: String) -> String? { json[member] as? String }
}

/// Runs the curl command: the caller that the README shows.
func curl(_ arguments: [String], input: String? = nil) async throws -> CurlAnswer {
    let text = try await run("curl", ["-sS", "-i", "--max-time", "180"] + arguments, input: input).output
    // With `Expect: 100-continue` an informational head comes first.
    var rest = text[...]
    while rest.hasPrefix("HTTP/1.1 100") || rest.hasPrefix("HTTP/2 100") {
        guard let end = rest.range(of: "\r\n\r\n") else { break }
        rest = rest[end.upperBound...]
    }
    guard let end = rest.range(of: "\r\n\r\n") else { throw Program.Failure(description: "no answer: \(text)") }
    let lines = rest[..<end.lowerBound].components(separatedBy: "\r\n")
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { continue }
        fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    let answer = CurlAnswer(status: status, fields: fields, body: String(rest[end.upperBound...]))
    // A problem has to be as the contract says, whoever looks at it.
    let faults = ProblemCheck.faults(status: status, body: answer.body) { fields[$0.lowercased()] }
    #expect(faults == [], "\(status) \(answer.body)")
    return answer
}

/// Runs a command from `PATH` to its end.
func run(_ command: String, _ arguments: [String], input: String? = nil) async throws -> (output: String, code: Int32) {
    let (output, ending) = try await ChildProgram.run("/usr/bin/env", [command] + arguments, input: input)
    if case .exit(let code) = ending { return (output, code) }
    return (output, -1)
}
