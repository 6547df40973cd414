import HTTPTypes
import NIOCore

/// A fault as the control endpoint takes and shows it: one flat JSON object, so that curl can write it.
enum FaultDocument {
    /// The names of effects.
    private enum EffectName: String, CaseIterable {
        case answer
        case delay
        case close
        case reset
        case stall
        case half
        case raw
        case stale
    }

    /// The names of operations, with `any`.
    private enum OperationName: String, CaseIterable {
        case any, token, managedIdentity, list, get, createToken, revokeToken, other
    }

    /// The most that a fault's body is blown up to.
    static let largestBody = 256 * 1024 * 1024

    private static let common: Set<String> = [
        "operation", "nth", "next", "untilReset", "at", "delayMilliseconds", "effect",
    ]
    private static let ofAnswer: Set<String> = ["status", "headers", "body", "bodyBytes"]

    static func fault(in body: ControlBody) throws(ControlRefusal) -> SandboxFault {
        guard let effect = try body.choice("effect", of: EffectName.self) else {
            throw ControlRefusal("The fault lacks its \"effect\".")
        }
        guard let operation = try body.choice("operation", of: OperationName.self) else {
            throw ControlRefusal("The fault lacks its \"operation\".")
        }
        try body.allow(common.union(members(of: effect)))
        let delay = try body.integer("delayMilliseconds") ?? 0
        guard (0...3_600_000).contains(delay) else {
            throw ControlRefusal("\"delayMilliseconds\" is in 0...3600000.")
        }
        return SandboxFault(
            SandboxOperation(rawValue: operation.rawValue),
            calls: try calls(body),
            at: try body.choice("at") ?? .afterReading,
            after: .milliseconds(delay),
            try Self.effect(effect, body)
        )
    }

    private static func members(of effect: EffectName) -> Set<String> {
        switch effect {
        case .answer: ofAnswer
        case .half: ofAnswer.union(["then"])
        case .raw: ["text", "then"]
        case .delay, .close, .reset, .stall, .stale: []
        }
    }

    private static func calls(_ body: ControlBody) throws(ControlRefusal) -> SandboxFault.Calls {
        let nth = try body.integer("nth")
        let next = try body.integer("next")
        let untilReset = try body.flag("untilReset") ?? false
        guard [nth != nil, next != nil, untilReset].count(where: { $0 }) <= 1 else {
            throw ControlRefusal("Only one of \"nth\", \"next\" and \"untilReset\" may be given.")
        }
        if untilReset { return .untilReset }
        guard let count = nth ?? next else { return .next(1) }
        guard count >= 1 else { throw ControlRefusal("\"\(nth == nil ? "next" : "nth")\" is at least 1.") }
        return nth == nil ? .next(count) : .nth(count)
    }

    private static func effect(_ name: EffectName, _ body: ControlBody) throws(ControlRefusal) -> SandboxFault.Effect {
        switch name {
        case .delay:
            guard try body.integer("delayMilliseconds") != nil else {
                throw ControlRefusal("A delay lacks its \"delayMilliseconds\".")
            }
            return .proceed
        case .close: return .end(.close)
        case .reset: return .end(.reset)
        case .stall: return .end(.stall)
        case .stale: return .stale
        case .answer:
            guard let answer = try answer(body) else { throw ControlRefusal("An answer lacks its \"status\".") }
            return .answer(answer)
        case .half:
            return .half(try answer(body), then: try body.choice("then") ?? .close)
        case .raw:
            guard let text = try body.text("text") else { throw ControlRefusal("Raw bytes lack their \"text\".") }
            return .raw(ByteBuffer(string: text), then: try body.choice("then") ?? .close)
        }
    }

    /// The answer that the fault gives; nil when it names no status.
    private static func answer(_ body: ControlBody) throws(ControlRefusal) -> SandboxAnswer? {
        guard let status = try body.integer("status") else {
            for name in ofAnswer.sorted() where body[name] != nil {
                throw ControlRefusal("\"\(name)\" needs a \"status\".")
            }
            return nil
        }
        guard (200...599).contains(status) else { throw ControlRefusal("\"status\" is in 200...599.") }
        var answer = SandboxAnswer(status: .init(code: status), fields: try fields(body))
        switch body["body"] {
        case nil: break
        case .string(let text): answer.body.writeString(text)
        case .some(let document):
            answer.body.writeString(document.text)
            if answer.fields[.contentType] == nil { answer.fields[.contentType] = "application/json" }
        }
        if let count = try body.integer("bodyBytes") {
            guard (0...largestBody).contains(count) else {
                throw ControlRefusal("\"bodyBytes\" is in 0...\(largestBody).")
            }
            answer.body = repeated(answer.body.readableBytes == 0 ? ByteBuffer(string: "x") : answer.body, count: count)
        }
        return answer
    }

    private static func fields(_ body: ControlBody) throws(ControlRefusal) -> HTTPFields {
        guard let value = body["headers"] else { return [:] }
        guard case .object(let members) = value else { throw ControlRefusal("\"headers\" is not an object.") }
        var fields: HTTPFields = [:]
        for member in members {
            guard let name = HTTPField.Name(member.name) else {
                throw ControlRefusal("\"\(member.name)\" is not the name of a header field.")
            }
            let values: [JSONValue] = if case .array(let values) = member.value { values } else { [member.value] }
            for value in values {
                guard case .string(let text) = value else {
                    throw ControlRefusal("The header \"\(member.name)\" is neither a text nor a list of texts.")
                }
                fields.append(HTTPField(name: name, value: text))
            }
        }
        return fields
    }

    /// `pattern`, over and over, cut at `count` bytes.
    private static func repeated(_ pattern: ByteBuffer, count: Int) -> ByteBuffer {
        var buffer = pattern
        buffer.reserveCapacity(count)
        // It doubles each time: byte by byte, megabytes would take seconds.
        while buffer.readableBytes < count {
            buffer.writeImmutableBuffer(buffer)
        }
        return buffer.getSlice(at: buffer.readerIndex, length: count) ?? buffer
    }

    /// The fault as it is shown: bodies by their length only.
    static func document(of fault: SandboxFault) -> JSONValue {
        var members: [JSONValue.Member] = [.init(name: "operation", value: .string(fault.operation?.rawValue ?? "any"))]
        switch fault.calls {
        case .nth(let number): members.append(.init(name: "nth", value: .integer(Int64(number))))
        case .next(let count): members.append(.init(name: "next", value: .integer(Int64(count))))
        case .untilReset: members.append(.init(name: "untilReset", value: true))
        }
        members.append(.init(name: "at", value: .string(fault.moment.rawValue)))
        members.append(.init(name: "delayMilliseconds", value: .integer(fault.delay.milliseconds)))
        switch fault.effect {
        case .proceed: members.append(.init(name: "effect", value: "delay"))
        case .stale: members.append(.init(name: "effect", value: "stale"))
        case .end(let ending): members.append(.init(name: "effect", value: .string(ending.rawValue)))
        case .answer(let answer):
            members.append(.init(name: "effect", value: "answer"))
            members.append(contentsOf: self.members(of: answer))
        case .half(let answer, then: let ending):
            members.append(.init(name: "effect", value: "half"))
            if let answer { members.append(contentsOf: self.members(of: answer)) }
            members.append(.init(name: "then", value: .string(ending.rawValue)))
        case .raw(let bytes, then: let ending):
            members.append(.init(name: "effect", value: "raw"))
            members.append(.init(name: "textBytes", value: .integer(Int64(bytes.readableBytes))))
            members.append(.init(name: "then", value: .string(ending.rawValue)))
        }
        return .object(members)
    }

    private static func members(of answer: SandboxAnswer) -> [JSONValue.Member] {
        [
            .init(name: "status", value: .integer(Int64(answer.status.code))),
            .init(name: "bodyBytes", value: .integer(Int64(answer.body.readableBytes))),
        ]
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
