/// What a line of the log says beside its message: names with their values, in alphabetical order of the names.
///
/// For lines of which there are many: whoever writes one knows its names beforehand, and swift-log's dictionary would have them made,
/// merged and sorted anew for each.
package struct LogFacts: Sendable {
    package typealias Member = (name: String, value: String)

    package private(set) var members: [Member] = []

    /// - Parameter capacity: how many members there will be, at most.
    package init(capacity: Int) { members.reserveCapacity(capacity) }

    /// - Parameters:
    ///   - name: behind all that are there already, in alphabetical order.
    ///   - value: `nil` adds nothing.
    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        assert(members.last.map { $0.name < name } ?? true, "\(name) is not in its place")
        members.append((name, value))
    }
}
