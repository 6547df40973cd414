/// Where log lines go.
package protocol LineSink: Sendable {
    /// Writes `line`, which has no line break, and a line break: all or nothing as far as other lines are concerned.
    func write(_ line: [UInt8])

    /// Sees to it that what was written is where it belongs: the process is about to end.
    func flush()
}

extension LineSink {
    package func flush() {}
}
