/// Why the ledger's store did not do what it was asked.
package struct LedgerFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// It may pass: no connection, no space, read-only, locked, too slow.
        case unavailable
        /// The file is damaged, or is no ledger.
        case corrupt
        /// Another gateway has the file.
        case inUse = "in-use"
        /// A later version has written it.
        case tooNew = "too-new"
        /// The user, the password, the database, or a right is refused.
        case refused
        /// Another request has the key by now, or what came of this one is on record already. Nothing ails the store.
        case conflict
    }

    package var kind: Kind
    /// What is wrong in a few words, without a secret: `no space is left on the disk`.
    package var reason: String
    /// What to do about it, in a sentence; `nil` where that is plain.
    package var fix: String?
    /// Whether what was asked may have been done all the same.
    package var isUncertain: Bool

    package init(_ kind: Kind, _ reason: String, fix: String? = nil, isUncertain: Bool = false) {
        self.kind = kind
        self.reason = reason
        self.fix = fix
        self.isUncertain = isUncertain
    }

    package var description: String { fix.map { "\(reason). \($0)." } ?? reason }
}
