import Graph
package import JSONText
import Settings
import Transport

extension KeyRingDocument {
    /// What a new file names as its schema.
    package static let schemaName = "api-keys.schema.json"

    /// The document as it is written: members in one order, a line for each, so that a version control system shows what changed.
    package var text: String {
        var document = JSONObjectText()
        document.add("$schema", schema)
        document.add("version", Self.version)
        document.add("keys", entries.map(\.object))
        return JSONLayout.indented(document.text) + "\n"
    }
}

extension KeyEntry {
    /// The key as the document has it: with its digest, and all that a reader of the document sees anyway.
    package var object: JSONObjectText {
        var object = JSONObjectText()
        func add(_ member: KeyFields.Member, _ value: String?) { object.add(member.rawValue, value) }
        add(.id, id.description)
        add(.caller, caller)
        add(.digest, digest.description)
        add(.lastFour, lastFour)
        object.add(KeyFields.Member.rights.rawValue, grant.rightNames)
        object.add(KeyFields.Member.profiles.rawValue, grant.profileNames)
        if let kinds = grant.kindNames { object.add(KeyFields.Member.kinds.rawValue, kinds) }
        object.add(KeyFields.Member.maxValidity.rawValue, grant.greatestValidity)
        if let rate {
            add(.rateLimit, rate.rate.description)
            if rate.burst != rate.rate.count { object.add(KeyFields.Member.burst.rawValue, rate.burst) }
        }
        add(.createdAt, createdAt.rfc3339)
        add(.notBefore, notBefore?.rfc3339)
        add(.expiresAt, expiresAt?.rfc3339)
        add(.revokedAt, revokedAt?.rfc3339)
        add(.comment, comment)
        return object
    }
}

extension KeyGrant {
    /// In the order in which the rights are listed everywhere.
    package var rightNames: [String] { KeyRight.allCases.filter(rights.contains).map(\.rawValue) }
    /// `nil` where all are meant.
    package var kindNames: [String]? {
        kinds.map { kinds in ProfileKind.allCases.filter(kinds.contains).map(\.rawValue) }
    }
    package var profileNames: [String] {
        switch profiles {
        case .all: ["*"]
        case .some(let ids): ids.map(\.description).sorted()
        }
    }
}
