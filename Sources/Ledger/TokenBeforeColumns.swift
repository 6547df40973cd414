package import Graph
package import Transport

/// ``TokenBefore`` as stores keep it: a word, and times that depend on it.
package struct TokenBeforeColumns: Sendable, Equatable {
    /// `unknown`, `empty` or `token`; `nil` where nothing was sent.
    package var word: String?
    package var createdAt: Timestamp?
    package var expiresFrom: Timestamp?
    /// For `empty` when the last token had ended.
    package var expiresTo: Timestamp?

    package init(word: String?, createdAt: Timestamp?, expiresFrom: Timestamp?, expiresTo: Timestamp?) {
        self.word = word
        self.createdAt = createdAt
        self.expiresFrom = expiresFrom
        self.expiresTo = expiresTo
    }

    package init(_ before: TokenBefore?) {
        switch before {
        case nil: self.init(word: nil, createdAt: nil, expiresFrom: nil, expiresTo: nil)
        case .unknown?: self.init(word: "unknown", createdAt: nil, expiresFrom: nil, expiresTo: nil)
        case .empty(let ended)?: self.init(word: "empty", createdAt: nil, expiresFrom: nil, expiresTo: ended)
        case .token(let createdAt, let from, let to)?:
            self.init(word: "token", createdAt: createdAt, expiresFrom: from, expiresTo: to)
        }
    }

    /// `nil` for a word that no version has written: the row is damaged.
    package var before: TokenBefore? {
        switch word {
        case "unknown": .unknown
        case "empty": .empty(ended: expiresTo)
        case "token": .token(createdAt: createdAt, expiresFrom: expiresFrom, expiresTo: expiresTo)
        default: nil
        }
    }
}
