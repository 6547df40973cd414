package import JSONText

/// Something that has to be in order before the gateway is ready.
package protocol ReadinessCheck: Sendable {
    /// Names the part, from a closed list.
    var name: String { get }
    func finding() async -> ReadinessFinding
}

/// What one check found.
package struct ReadinessFinding: Sendable {
    package enum Status: String, Sendable {
        case ready
        /// Requests are served, and something ails that somebody should look at.
        case degraded
        /// No request can be served.
        case notReady = "not-ready"
    }

    package var status: Status
    /// Why not, or what there is to know, from a closed list; never a secret.
    package var detail: String?
    /// The same in a sentence.
    package var message: String?
    /// Who must act and how, where more is known than ``detail`` says.
    package var remedy: String?
    /// More about the part: what a dashboard shows.
    package var facts: JSONObjectText?

    package init(
        _ status: Status,
        detail: String? = nil,
        message: String? = nil,
        remedy: String? = nil,
        facts: JSONObjectText? = nil
    ) {
        self.status = status
        self.detail = detail
        self.message = message
        self.remedy = remedy
        self.facts = facts
    }
}

/// Whether requests are to be sent here at all.
struct AdmissionCheck: ReadinessCheck {
    let name = "serving"
    let admission: Admission

    func finding() async -> ReadinessFinding {
        switch admission.phase {
        case .open: ReadinessFinding(.ready)
        case .starting:
            ReadinessFinding(.notReady, detail: "starting", message: "the callers' port is not open yet")
        case .draining:
            ReadinessFinding(
                .notReady,
                detail: "draining",
                message: "it is about to end, and serves who comes meanwhile"
            )
        case .closed:
            ReadinessFinding(.notReady, detail: "shutting-down", message: "it ends, and takes no new requests")
        }
    }
}
