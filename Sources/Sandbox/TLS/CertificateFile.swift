#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file in which those who trust a sandbox find its authority's certificate.
///
/// It is written beside its place first, and takes its place only when the sandbox listens: a sandbox that cannot start
/// leaves the file of the one that runs as it is, and nobody ever reads half of one.
struct CertificateFile: Sendable {
    static let name = "ca.pem"

    let path: String
    private let directory: String
    private let draft: String

    /// Makes the directory if need be, and writes the draft.
    ///
    /// - Throws: ``SandboxError/directoryNotWritable(_:reason:)``.
    init(_ pem: String, in directory: String) throws(SandboxError) {
        self.directory = directory
        path = Self.path(in: directory)
        draft = path + "." + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(pem.utf8).write(to: URL(filePath: draft))
            // For all who are to trust the sandbox: it is no secret, and the gateway may be another user.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: draft)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw .directoryNotWritable(directory, reason: Self.reason(error))
        }
    }

    static func path(in directory: String) -> String { directory + (directory.hasSuffix("/") ? "" : "/") + name }

    /// Puts the draft in its place.
    func publish() throws(SandboxError) {
        // One step for those who look (rename(2)), which Foundation's moves are not where there is a file already.
        guard rename(draft, path) == 0 else {
            let code = POSIXError.Code(rawValue: errno)
            discard()
            throw .directoryNotWritable(directory, reason: Self.reason(code))
        }
    }

    /// Takes the draft away, if it is still one.
    func discard() { try? FileManager.default.removeItem(atPath: draft) }

    private static func reason(_ error: any Error) -> String? {
        switch (error as? CocoaError)?.code {
        case .fileWriteFileExists: "it is not a directory"
        case .fileWriteVolumeReadOnly: reason(.EROFS)
        case .fileWriteNoPermission: reason(.EACCES)
        case .fileWriteOutOfSpace: reason(.ENOSPC)
        default: reason(((error as? CocoaError)?.underlying as? POSIXError)?.code)
        }
    }

    private static func reason(_ code: POSIXError.Code?) -> String? {
        switch code {
        case .EACCES, .EPERM: "permission denied"
        case .EROFS: "the file system is read-only"
        case .ENOSPC: "no space is left"
        case .ENOTDIR: "a part of its path is not a directory"
        case .ENOENT: "it is not there and cannot be made"
        case .EISDIR: "there is a directory named \(name) in it"
        default: nil
        }
    }
}
