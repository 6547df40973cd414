package import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reading that a signal does not end: Foundation's own traps or throws where `read` was interrupted (EINTR), and signals of
/// children that end come at any time.
extension FileHandle {
    /// What is there next; empty at the end, or where reading fails.
    package func readChunk() -> Data {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = readDescriptor(fileDescriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return Data(bytes.prefix(max(count, 0)))
        }
    }

    /// Everything up to the end.
    package func readWhole() -> Data {
        var whole = Data()
        while true {
            let chunk = readChunk()
            if chunk.isEmpty { return whole }
            whole.append(chunk)
        }
    }
}

/// `read(2)`, whose name `FileHandle` has taken.
private func readDescriptor(_ descriptor: CInt, _ bytes: inout [UInt8], _ count: Int) -> Int {
    read(descriptor, &bytes, count)
}
