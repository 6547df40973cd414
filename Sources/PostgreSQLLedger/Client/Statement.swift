/// A statement that connections prepare once.
struct Statement: Sendable {
    let name: String
    let types: [ValueType]
    let sql: String

    /// - Parameter name: of this statement alone.
    init(_ name: String, _ types: [ValueType], _ sql: String) {
        self.name = name
        self.types = types
        self.sql = sql
    }
}

/// A statement and what it is asked with.
struct Query: Sendable {
    let statement: Statement
    let values: [Value]

    init(_ statement: Statement, _ values: [Value] = []) {
        precondition(statement.types.count == values.count, "\(statement.name) has another number of parameters")
        self.statement = statement
        self.values = values
    }
}
