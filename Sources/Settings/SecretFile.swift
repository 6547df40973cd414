import Foundation

/// A file that should hold a secret.
struct SecretFile {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Its beginning; nil when it cannot be read.
    func read(upTo count: Int) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        return try? file.read(upToCount: count) ?? Data()
    }

    /// Why it cannot be read: the middle of a sentence.
    var complaint: String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return "there is no \(name), or this user may not look for it"
        }
        return isDirectory.boolValue
            ? "the \(name) is a folder, as container engines make one in the place of a file that is missing"
            : "the \(name) may not be read by this user, whose id is \(getuid())"
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
