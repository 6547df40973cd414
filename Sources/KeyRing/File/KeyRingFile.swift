import Foundation
import Settings

/// The key ring's file: read whole or not at all, and written so that a reader finds the old one or the new one.
package struct KeyRingFile: Sendable {
    /// A larger file is not read: 10,000 keys take some 4 MB.
    package static let largest = 16 * 1024 * 1024

    package let path: String
    /// How long a change waits for that of another process.
    var patience = Duration.seconds(10)

    package init(_ path: String) { self.path = path }

    /// - Throws: ``KeyRingFault``, also where there is no file.
    package func read() throws(KeyRingFault) -> KeyRingDocument {
        if let kind = mode.map({ $0 & S_IFMT }), ![S_IFREG, S_IFDIR].contains(kind) {
            throw KeyRingFault("it is a pipe or a device, which cannot be read again when it changes")
        }
        let data: Data
        do {
            data = try SecretFile(path).contents(upTo: Self.largest)
        } catch {
            throw KeyRingFault([KeyRingProblem(place: nil, reason: error.reason)], isOfReading: error.isOfReading)
        }
        return try KeyRingDocument(Array(data))
    }

    /// Reads the file, has it changed, and writes it; a missing one counts as empty.
    ///
    /// Two of these at the same time wait for each other, also in different processes.
    ///
    /// - Parameter confirm: called with what `change` returned, when all is on the disk and only the moving is left.
    /// - Throws: ``KeyRingFault``, also where nobody could read the file that would come of it, or what `change` and `confirm`
    ///   throw; the file is as it was then.
    package func update<Value>(
        _ change: (inout KeyRingDocument) throws -> Value,
        confirm: (Value) throws -> Void = { _ in }
    ) throws -> Value {
        let target = try resolved()
        let lock = try FolderLock(target.deletingLastPathComponent().path, patience: patience)
        defer { lock.release() }
        let isNew = !FileManager.default.fileExists(atPath: target.path)
        var document =
            isNew ? KeyRingDocument(schema: KeyRingDocument.schemaName) : try KeyRingFile(target.path).read()
        let value = try change(&document)
        let text = document.text
        try Self.check(text)
        try AtomicFile(target).write(text) { try confirm(value) }
        return value
    }

    /// Whether others than its owner may read it now; they may not once it is written.
    package var hasOtherReaders: Bool {
        mode.map { $0 & S_IFMT == S_IFREG && $0 & (S_IRGRP | S_IROTH) != 0 } ?? false
    }

    private static func check(_ text: String) throws(KeyRingFault) {
        guard text.utf8.count <= largest else {
            throw KeyRingFault(
                "it would be larger than \(largest / 1024) KiB: take keys out that ended long ago"
            )
        }
        do {
            _ = try KeyRingDocument(Array(text.utf8))
        } catch {
            throw KeyRingFault("what would be written could not be read: \(error)")
        }
    }

    private var mode: mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : nil
    }

    /// Through symbolic links: what is replaced is what they lead to, not the link.
    private func resolved() throws(KeyRingFault) -> URL {
        guard mode.map({ $0 & S_IFMT != S_IFDIR }) ?? true else { throw KeyRingFault("it is a folder") }
        var path = path
        for _ in 0..<16 {
            guard let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
                let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
                guard !["", ".", ".."].contains(name) else { throw KeyRingFault("it is named as a folder is") }
                return URL(fileURLWithPath: try Self.folder(of: path)).appendingPathComponent(name)
            }
            path = destination.hasPrefix("/") ? destination : "\(try Self.folder(of: path))/\(destination)"
        }
        throw KeyRingFault("it is a symbolic link that leads nowhere")
    }

    /// As the system sees it: `..` behind a link is the folder above the one to which that leads.
    private static func folder(of path: String) throws(KeyRingFault) -> String {
        let cut = path.lastIndex(of: "/")
        let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let real = realpath(folder, nil) else {
            throw KeyRingFault("its folder cannot be opened: \(SystemReason.last)")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
