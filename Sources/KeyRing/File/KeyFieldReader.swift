import Graph
import Settings
package import Transport

/// Makes a key of its members, and says of each what is wrong with it.
struct KeyFieldReader {
    let values: [KeyFields.Member: KeyFields.Value]
    let place: String

    func entry(_ problems: inout KeyRingProblems) -> KeyEntry? {
        for member in KeyFields.Member.allCases
        where KeyFields.Member.required.contains(member) && values[member] == nil {
            problems.add(place, "has no \"\(member.rawValue)\"")
        }
        let id = text(.id, "8 characters out of a to z and 2 to 7", &problems) { KeyID($0) }
        let caller = text(.caller, KeyRule.callerName, &problems) { KeyEntry.isCallerName($0) ? $0 : nil }
        let digest = text(.digest, "\(KeyDigest.scheme) and 64 hexadecimal digits in lower case", &problems) {
            KeyDigest($0)
        }
        let lastFour = text(.lastFour, "four letters or digits", &problems) { text in
            text.utf8.count == 4 && text.utf8.allSatisfy(Base62.isDigit) ? text : nil
        }
        let createdAt = time(.createdAt, &problems)
        let notBefore = time(.notBefore, &problems)
        let expiresAt = time(.expiresAt, &problems)
        let revokedAt = time(.revokedAt, &problems)
        let comment = text(.comment, "a text without a key in it", &problems) { KeyEntry.isComment($0) ? $0 : nil }
        let rate = rate(&problems)
        let grant = grant(&problems)
        if let notBefore, let expiresAt, notBefore >= expiresAt {
            problems.add(place, "ends (expiresAt) before it begins (notBefore)")
        }
        guard let id, let caller, let digest, let grant, let createdAt else { return nil }
        return KeyEntry(
            id: id,
            caller: caller,
            digest: digest,
            lastFour: lastFour,
            grant: grant,
            rate: rate,
            createdAt: createdAt,
            notBefore: notBefore,
            expiresAt: expiresAt,
            revokedAt: revokedAt,
            comment: comment
        )
    }

    private func grant(_ problems: inout KeyRingProblems) -> KeyGrant? {
        let rights = list(.rights, "right", KeyRule.rights, &problems) { KeyRight(rawValue: $0) }
        let kinds = list(.kinds, "kind", KeyRule.kinds, &problems) { ProfileKind(rawValue: $0) }
        let profiles = profiles(&problems)
        let validity = number(.maxValidity, KeyRule.validity, &problems)
        guard let rights, let profiles else { return nil }
        return KeyGrant(
            rights: Set(rights),
            profiles: profiles,
            kinds: kinds.map(Set.init),
            greatestValidity: validity
        )
    }

    private func profiles(_ problems: inout KeyRingProblems) -> KeyGrant.Profiles? {
        if case .texts(["*"])? = values[.profiles] { return .all }
        let ids = list(.profiles, "profile id", "GUIDs, or \"*\" alone", &problems) { ProfileID($0) }
        return ids.map { .some(Set($0)) }
    }

    private func rate(_ problems: inout KeyRingProblems) -> CallerRate? {
        let rate = text(.rateLimit, "a rate such as 10/1s: \(SettingRate.form)", &problems) { SettingRate($0) }
        let burst = number(.burst, 1...CallerRate.greatestBurst, &problems)
        if burst != nil, values[.rateLimit] == nil { problems.add(place, "has a \"burst\" without a \"rateLimit\"") }
        return rate.map { CallerRate($0, burst: burst) }
    }

    // MARK: Kinds of values

    private func text<Value>(
        _ member: KeyFields.Member,
        _ form: String,
        _ problems: inout KeyRingProblems,
        _ read: (String) -> Value?
    ) -> Value? {
        guard let value = values[member] else { return nil }
        if case .text(let text) = value, let read = read(text) { return read }
        problems.add("\(place).\(member.rawValue)", "is not \(form)")
        return nil
    }

    private func time(_ member: KeyFields.Member, _ problems: inout KeyRingProblems) -> Timestamp? {
        text(member, "a time such as 2027-01-31T00:00:00Z", &problems) { KeyRule.time($0)?.roundedDown }
    }

    private func number(
        _ member: KeyFields.Member,
        _ range: ClosedRange<Int>,
        _ problems: inout KeyRingProblems
    ) -> Int? {
        guard let value = values[member] else { return nil }
        if case .number(let number) = value, range.contains(number) { return number }
        problems.add(
            "\(place).\(member.rawValue)",
            "is not a whole number from \(range.lowerBound) to \(range.upperBound)"
        )
        return nil
    }

    /// At least one of them.
    private func list<Value: Hashable>(
        _ member: KeyFields.Member,
        _ noun: String,
        _ form: String,
        _ problems: inout KeyRingProblems,
        _ read: (String) -> Value?
    ) -> [Value]? {
        guard let value = values[member] else { return nil }
        let name = "\(place).\(member.rawValue)"
        guard case .texts(let texts) = value, !texts.isEmpty else {
            problems.add(name, "is not a list of \(form)")
            return nil
        }
        var found: [Value] = []
        for (index, text) in texts.enumerated() {
            guard let value = read(text) else {
                problems.add("\(name)[\(index)]", "\"\(PlaceName.safe(text))\" is no \(noun); there are \(form)")
                continue
            }
            found.append(value)
        }
        return found.count == texts.count ? found : nil
    }
}

/// What the members of a key have to keep to, in words and in numbers.
package enum KeyRule {
    package static let nameForm =
        "1 to 64 characters out of letters, digits, '.', '_' and '-', beginning with a letter or digit"
    package static let callerName =
        "\(nameForm), and not "
        + "'\(SingleKey.callerName)', which is who uses API_KEY, nor a key"
    package static let rights = KeyRight.allCases.map(\.rawValue).joined(separator: ", ")
    package static let kinds = ProfileKind.allCases.map(\.rawValue).joined(separator: ", ")
    /// In seconds: what Google asks of an enrollment token at least, and 65 years.
    package static let validity = 60...2_051_244_000

    /// The last moment that the document can hold: 9999-12-31T23:59:59Z.
    package static let latest = Timestamp(secondsSince1970: 253_402_300_799)

    /// A time with its zone: without one, nobody knows when a key ends.
    package static func time(_ text: String) -> Timestamp? {
        guard let last = text.utf8.last, text.utf8.dropFirst(10).first == UInt8(ascii: "T"),
            let time = Timestamp(iso8601: text), time.rfc3339.utf8.count == 20
        else { return nil }
        let hasZone = last == UInt8(ascii: "Z") || text.utf8.suffix(6).first.map { $0 == 0x2B || $0 == 0x2D } ?? false
        return hasZone ? time : nil
    }
}
