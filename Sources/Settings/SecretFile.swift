package import Foundation

/// A file that should hold a secret: read whole, and never shown.
package struct SecretFile: Sendable {
    /// A secret's file may not be larger.
    package static let largest = 64 * 1024

    package let path: String

    package init(_ path: String) { self.path = path }

    /// All of it.
    ///
    /// - Throws: ``SecretFault`` when it cannot be read, or is larger than `limit`.
    package func contents(upTo limit: Int = Self.largest) throws(SecretFault) -> Data {
        let data = try read(upTo: limit + 1)
        guard data.count <= limit else {
            throw SecretFault("the file is larger than \(limit / 1024) KiB", fix: "Name the right file")
        }
        return data
    }

    /// The text in it, without the line break at its end.
    ///
    /// - Throws: ``SecretFault``; also for a file with nothing but white space.
    package func secret() throws(SecretFault) -> Secret {
        guard let text = String(data: try contents(), encoding: .utf8) else {
            throw SecretFault("the file that it names is not a UTF-8 text", fix: "Put the secret alone into it")
        }
        let trimmed = text.trimmingSuffix { $0.isNewline }
        guard !trimmed.isEmpty else {
            throw SecretFault("the file that it names is empty", fix: "Put the secret into it")
        }
        guard !trimmed.allSatisfy(\.isWhitespace) else {
            throw SecretFault("the file that it names holds nothing but white space", fix: "Put the secret into it")
        }
        return Secret(String(trimmed))
    }

    /// How long a pipe may take to bring all of it.
    private static let patience: Duration = .seconds(5)

    /// Without waiting for long: a pipe that nobody writes to, in the place of the file, must not hold up who reads.
    private func read(upTo count: Int) throws(SecretFault) -> Data {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(errno) }
        defer { close(descriptor) }
        let end = ContinuousClock.now + Self.patience
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while data.count < count {
            let got = Foundation.read(descriptor, &buffer, min(buffer.count, count - data.count))
            if got == 0 { break }
            if got > 0 {
                data.append(contentsOf: buffer.prefix(got))
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard ContinuousClock.now < end else { throw fault(EAGAIN) }
                guard poll(&wanted, 1, 100) >= 0 || errno == EINTR else { throw fault(errno) }
            } else if errno != EINTR {
                throw fault(errno)
            }
        }
        return data
    }

    /// Whether it is something that can be read again later: no pipe, no device.
    package var isRegular: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Why it cannot be read.
    ///
    /// - Parameter error: what the system said.
    private func fault(_ error: Int32) -> SecretFault {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let reason: String
        if isDirectory.boolValue {
            reason = "the \(name) is a folder, as container engines make one in the place of a file that is missing"
        } else {
            switch error {
            case EACCES where exists, EPERM:
                reason = "the \(name) may not be read by this user, whose id is \(getuid())"
            case EACCES, ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG:
                reason = "there is no \(name), or this user may not look for it"
            case EAGAIN where isRegular: reason = "the \(name) is held by another program"
            case EAGAIN: reason = "the \(name) is a pipe into which nobody writes"
            default: reason = "the \(name) cannot be read now: \(String(cString: strerror(error)).lowercased())"
            }
        }
        return SecretFault(reason, fix: nil, isOfReading: true)
    }

    /// The path is shown only if it leads somewhere: a secret that was put where its file's name belongs would be shown, too.
    private var name: String {
        guard let first = path.split(separator: "/").first else { return "file of that name" }
        let root = (path.hasPrefix("/") ? "/" : "") + first
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: root, isDirectory: &isDirectory)
        return exists && isDirectory.boolValue && path.contains("/") ? "file \"\(path)\"" : "file of that name"
    }
}

/// Why there is no secret where one should be: the middle of a sentence that begins with the setting's name. It quotes nothing
/// of what was read.
package struct SecretFault: Error, Sendable, Equatable {
    package var reason: String
    /// What to do, where that follows from the reason alone.
    package var fix: String?
    /// Whether nothing could be read, which may pass without a change of the file.
    package var isOfReading: Bool

    package init(_ reason: String, fix: String?, isOfReading: Bool = false) {
        self.reason = reason
        self.fix = fix
        self.isOfReading = isOfReading
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}
