import Reloading

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file to which lines are appended, wherever log rotation has it begin anew.
///
/// Each write goes to the file's end (`O_APPEND`), so that a file that was truncated just begins again, and two processes do not
/// write over each other. Lines begin on a line of their own, also where a full disk or a crash left half a line behind.
struct AuditLogFile: ~Copyable {
    let path: String
    private var descriptor: Int32 = -1
    private var node: FileNode?
    /// Whether nothing was written since it was opened.
    private var isFresh = false
    /// What was handed in and is not written yet, and how much of it is.
    private var lines: [UInt8] = []
    private var written = 0

    init(path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var isWritten: Bool { lines.isEmpty }

    /// Whole lines. They take the place of those before, which have to be written.
    mutating func take(_ lines: [UInt8]) {
        self.lines = lines
        written = 0
    }

    /// Gives up what is not written.
    ///
    /// - Returns: how many lines.
    mutating func discard() -> Int {
        defer { take([]) }
        return lines[written...].count { $0 == 0x0A }
    }

    /// Writes what is left of the lines, in one write where the disk takes it.
    ///
    /// - Returns: why that is impossible at present; what was not written stays.
    mutating func write() -> AuditLogFault? {
        if let fault = openAgain() { return fault }
        if let fault = endHalfLine() { return fault }
        while written < lines.count {
            let count = lines.withUnsafeBytes { bytes in
                Self.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return AuditLogFault(code: errno) }
            written += count
        }
        take([])
        return nil
    }

    /// Opens what is at the path now, unless it is open already.
    mutating func openAgain() -> AuditLogFault? {
        if descriptor >= 0 {
            if let node, FileNode(path: path) == node { return nil }
            close(descriptor)
            descriptor = -1
            // A line that was cut short stays behind in the other file; here it begins anew.
            written = lines[..<written].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        }
        // A pipe whose reader is slow must not hold a thread for ever.
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return AuditLogFault(code: errno) }
        node = FileNode(descriptor: descriptor)
        isFresh = true
        return nil
    }

    /// Before the first of ours: what is in the file may be half a line, which would spoil it.
    private mutating func endHalfLine() -> AuditLogFault? {
        guard isFresh, !lines.isEmpty else { return nil }
        if endsWithinLine() {
            let count = [0x0A as UInt8].withUnsafeBytes { Self.write(descriptor, $0) }
            guard count > 0 else { return AuditLogFault(code: errno) }
        }
        isFresh = false
        return nil
    }

    /// `false`, too, for what is no regular file, and where this user may write but not read.
    private func endsWithinLine() -> Bool {
        guard let node, node.isRegular else { return false }
        let reader = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return false }
        defer { close(reader) }
        var last: UInt8 = 0
        guard FileNode(descriptor: reader) == node, lseek(reader, -1, SEEK_END) >= 0 else { return false }
        return read(reader, &last, 1) == 1 && last != 0x0A
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

/// Why the file cannot be written, in the system's words.
struct AuditLogFault: Equatable {
    var code: Int32

    var reason: String { String(cString: strerror(code)) }
}
