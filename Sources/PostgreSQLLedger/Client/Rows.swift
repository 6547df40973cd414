import CPostgreSQL
import Ledger
import Transport

/// What a statement answered, each column in PostgreSQL's binary form.
///
/// Safe to share because a `PGresult` is not changed by reading it (libpq, "Behavior in Threaded Programs"), and it is freed once,
/// when nobody has it any more.
@safe final class Rows: @unchecked Sendable {
    /// 1 January 2000 in microseconds since 1970: where PostgreSQL's times begin.
    static let epoch: Int64 = 946_684_800_000_000

    private let result: OpaquePointer

    /// Takes over the result.
    init(_ result: OpaquePointer) { unsafe self.result = unsafe result }

    deinit { unsafe PQclear(result) }

    var count: Int { Int(unsafe PQntuples(result)) }

    /// The first row, if there is one.
    var first: Row? { count > 0 ? Row(self, 0) : nil }

    /// Reads each row from its first column on.
    func map<Result>(_ body: (inout Row) throws(LedgerFault) -> Result) throws(LedgerFault) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(count)
        for index in 0..<count {
            var row = Row(self, index)
            results.append(try body(&row))
        }
        return results
    }

    /// The bytes of a value; `nil` for `NULL`.
    fileprivate func bytes(_ row: Int, _ column: Int32) -> [UInt8]? {
        let row = Int32(row)
        guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column) else {
            return nil
        }
        // libpq keeps the value as long as the result, and that as long as `self`.
        return withExtendedLifetime(self) {
            unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column))))
        }
    }
}

/// Reads one row, column after column.
struct Row {
    private let rows: Rows
    private let index: Int
    private var column: Int32 = 0

    init(_ rows: Rows, _ index: Int) {
        self.rows = rows
        self.index = index
    }

    mutating func bytesIfAny() -> [UInt8]? {
        defer { column += 1 }
        return rows.bytes(index, column)
    }

    mutating func textIfAny() -> String? { bytesIfAny().map { String(decoding: $0, as: UTF8.self) } }

    mutating func integerIfAny() throws(LedgerFault) -> Int? {
        guard let bytes = bytesIfAny() else { return nil }
        guard bytes.count == 8 else { throw .malformed }
        return Int(Self.number(bytes[...]))
    }

    mutating func boolIfAny() throws(LedgerFault) -> Bool? {
        guard let bytes = bytesIfAny() else { return nil }
        guard bytes.count == 1 else { throw .malformed }
        return bytes[0] != 0
    }

    /// To the microsecond.
    mutating func timeIfAny() throws(LedgerFault) -> Timestamp? {
        try microsecondsIfAny().map { Timestamp(secondsSince1970: Double($0) / 1e6) }
    }

    /// A time in microseconds since 1970.
    mutating func microsecondsIfAny() throws(LedgerFault) -> Int64? {
        guard let number = try integerIfAny() else { return nil }
        return Int64(number) + Rows.epoch
    }

    mutating func text() throws(LedgerFault) -> String { try must(textIfAny()) }
    mutating func integer() throws(LedgerFault) -> Int { try must(integerIfAny()) }
    mutating func bool() throws(LedgerFault) -> Bool { try must(boolIfAny()) }
    mutating func time() throws(LedgerFault) -> Timestamp { try must(timeIfAny()) }
    mutating func microseconds() throws(LedgerFault) -> Int64 { try must(microsecondsIfAny()) }
    mutating func bytes() throws(LedgerFault) -> [UInt8] { try must(bytesIfAny()) }
    mutating func id() throws(LedgerFault) -> RecordID { try must(RecordID(bytes: bytes())) }
    mutating func digest() throws(LedgerFault) -> Digest { try must(Digest(bytes: bytes())) }
    mutating func word<Word: RawRepresentable<String>>(_: Word.Type = Word.self) throws(LedgerFault) -> Word {
        try must(Word(rawValue: text()))
    }

    /// An array of texts.
    mutating func texts() throws(LedgerFault) -> [String] {
        let bytes = try bytes()
        guard bytes.count >= 20 else { return [] }
        var rest = bytes[20...]
        var texts: [String] = []
        while rest.count >= 4 {
            let length = Int(Int32(truncatingIfNeeded: Self.number(rest.prefix(4))))
            rest = rest.dropFirst(4)
            guard length >= 0, rest.count >= length else { throw .malformed }
            texts.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length)
        }
        return texts
    }

    private func must<Result>(_ value: Result?) throws(LedgerFault) -> Result {
        guard let value else { throw .malformed }
        return value
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    }
}
