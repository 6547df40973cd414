import Foundation

/// A folder of this process's own, which goes with it.
struct TemporaryFolder {
    /// The system's folder for temporary files is not there, or is not to be written to; in one sentence.
    struct Failure: Error, CustomStringConvertible {
        var parent: String
        var code: CInt

        var description: String {
            "A folder for the sandbox's ledger cannot be made in \(parent): \(String(cString: strerror(code))). "
                + "Set TMPDIR to a folder that can be written to, or LEDGER_URL."
        }
    }

    let path: String

    /// - Throws: ``Failure``
    init() throws(Failure) {
        let parent = FileManager.default.temporaryDirectory
        path =
            parent.appendingPathComponent(
                "enrollment-gateway-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
            ).path
        if mkdir(path, 0o700) != 0 { throw Failure(parent: parent.path, code: errno) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
