package import Transport

/// Where it is put on record that a write is about to leave.
///
/// What is on record survives this process: should it die before it knows what came of the write, whoever reads the record asks
/// Graph, and never sends it again.
package protocol WriteRecord: Sendable {
    /// Returns once `facts` are on record and safe. It is called before each send of one write; what it has recorded stands for the
    /// later ones, too.
    ///
    /// - Throws: when they could not be recorded: then nothing may be sent.
    func willSend(_ facts: SendFacts) async throws(NotRecorded)
}

/// A write could not be put on record, so that it must not leave.
package struct NotRecorded: Error, Sendable {
    package init() {}
}

/// What has to be known of a send to find out later what came of it.
package struct SendFacts: Sendable, Equatable {
    /// When it left, on Graph's clock: no earlier than this.
    package var earliest: Timestamp
    /// And no later than this.
    package var latest: Timestamp
    /// Whether both are Graph's time; else this machine's, which may be hours off.
    package var isGraphsTime: Bool
    /// What the profile showed before.
    package var before: TokenBefore

    package init(earliest: Timestamp, latest: Timestamp, isGraphsTime: Bool, before: TokenBefore) {
        self.earliest = earliest
        self.latest = latest
        self.isGraphsTime = isGraphsTime
        self.before = before
    }
}

/// What a profile showed before something was changed: enough to recognize it, and no secret.
package enum TokenBefore: Sendable, Equatable {
    /// It was not read, or Graph lagged.
    case unknown
    /// It had no token. The last one had ended then, where that is told.
    case empty(ended: Timestamp?)
    /// A token with these times: exact ones where it was read, a range of its end where this service created it.
    case token(createdAt: Timestamp?, expiresFrom: Timestamp?, expiresTo: Timestamp?)
}
