import Foundation

/// A folder of this process's own, which goes with it.
struct TemporaryFolder {
    let path: String

    /// - Throws: where the system's folder for temporary files cannot be written to.
    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "enrollment-gateway-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        path = url.path
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
