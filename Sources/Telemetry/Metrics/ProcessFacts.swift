import Glibc

/// What this process takes of its machine, as the kernel tells (proc(5)). `nil` is what it does not tell.
package struct ProcessFacts: Sendable {
    /// User's and system's time together.
    package var cpuSeconds: Double?
    package var residentBytes: Double?
    package var virtualBytes: Double?
    package var openDescriptors: Double?
    package var descriptorLimit: Double?
    package var threads: Double?
    /// Since 1970.
    package var startTime: Double?

    package static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        facts.readStatus()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            facts.descriptorLimit = Double(limit.rlim_cur)
        }
        facts.openDescriptors = descriptors()
        return facts
    }

    /// `/proc/self/stat`: what follows the name in parentheses, which may hold anything, is field 3 and on.
    private mutating func readStatus() {
        guard let text = Self.text(of: "/proc/self/stat"), let end = text.lastIndex(of: ")") else { return }
        let fields = text[text.index(after: end)...].split(separator: " ")
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let user = field(14), let system = field(15) { cpuSeconds = (user + system) / ticks }
        threads = field(20)
        if let start = field(22), let boot = Self.bootTime { startTime = boot + start / ticks }
        virtualBytes = field(23)
        if let pages = field(24) { residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    private static let bootTime: Double? = text(of: "/proc/stat").flatMap { text in
        text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func descriptors() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            // `.`, `..`, and the one that reads.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return Double(count - 1)
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            text.append(contentsOf: buffer.prefix(count))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
