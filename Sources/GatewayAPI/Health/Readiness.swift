/// Something that has to be in order before the gateway is ready.
package protocol ReadinessCheck: Sendable {
    /// Names the part, from a closed list.
    var name: String { get }
    func finding() async -> ReadinessFinding
}

/// What one check found.
package struct ReadinessFinding: Sendable, Equatable {
    package var isReady: Bool
    /// Why not, or what there is to know; never a secret.
    package var detail: String?

    package init(isReady: Bool, detail: String? = nil) {
        self.isReady = isReady
        self.detail = detail
    }
}

/// Whether the gateway takes requests at all.
struct AdmissionCheck: ReadinessCheck {
    let name = "serving"
    let admission: Admission

    func finding() async -> ReadinessFinding {
        admission.isClosed ? ReadinessFinding(isReady: false, detail: "shutting-down") : ReadinessFinding(isReady: true)
    }
}
