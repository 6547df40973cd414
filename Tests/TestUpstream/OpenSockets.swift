import Foundation

/// This process's sockets that are connected to `port`. With `established` only those that the far side has not ended.
package func openSockets(toward port: Int, established: Bool = false) -> Int {
    descriptors(toward: port, established: established).count
}

/// Their descriptors.
package func descriptors(toward port: Int, established: Bool = false) -> [Int32] {
    let handle = FileHandle(forReadingAtPath: "/proc/self/net/tcp")
    let table = String(decoding: (try? handle?.readToEnd()) ?? Data(), as: UTF8.self)
    let suffix = String(format: ":%04X", port)
    var nodes: Set<String> = []
    for line in table.split(separator: "\n").dropFirst() {
        let columns = line.split(separator: " ", omittingEmptySubsequences: true)
        if established, columns[3] != "01" { continue }
        if columns[2].hasSuffix(suffix) { nodes.insert("socket:[\(columns[9])]") }
    }
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return descriptors.filter { name in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
        return target.map(nodes.contains) ?? false
    }.compactMap { Int32($0) }
}
