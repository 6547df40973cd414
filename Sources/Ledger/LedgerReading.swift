/// Reads the records, also beside a gateway that writes them.
package protocol LedgerReading: Sendable {
    /// The next records in the order of their ids.
    ///
    /// - Parameter after: `nil`: from the first.
    func records(_ filter: LedgerFilter, after id: RecordID?, limit: Int) async throws(LedgerFault) -> [LedgerRecord]

    /// Where the last `count` records that match begin: the id of the one before them. With 0 that is the last one's.
    ///
    /// - Returns: `nil` where no more than `count` match.
    func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID?
}
