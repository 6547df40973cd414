/// Knows keys by their ids and digests, in the same steps whether there is one or not.
///
/// A hash table answers sooner or later by whether an id is in it and where. This is a full binary tree of the ids: the way down
/// takes as many steps as the tree has levels and has no branch that a processor could foresee for some ids and not for others,
/// and in its end a digest is compared, whether or not it is the one of the id that was looked for.
struct KeyIndex: Sendable {
    /// The root is at 1, the children of `node` at `2 * node` and `2 * node + 1`. At 0, and where the tree has more places than
    /// there are keys, is what no key has.
    private let ids: [UInt64]
    private let digests: [KeyDigest]
    /// Of the entry at each node.
    private let positions: [Int]

    /// Smaller than all ids, which have 40 bits.
    private static let none: UInt64 = 0
    private static let padding: UInt64 = 1 << 62

    /// - Parameter entries: each id at most once.
    init(_ entries: [KeyEntry]) {
        let order = entries.indices.sorted { entries[$0].id < entries[$1].id }
        let size = Self.size(for: entries.count)
        var positions = [Int](repeating: -1, count: size)
        var rest = order[...]
        Self.fill(1, &positions, from: &rest)
        self.positions = positions
        ids = positions.map { $0 < 0 ? Self.padding : Self.number(entries[$0].id) }
        digests = positions.map { $0 < 0 ? .random() : entries[$0].digest }
    }

    /// Which entry it is that has this id and this digest.
    ///
    /// - Parameter id: `nil` for a text that names none.
    func position(of id: KeyID?, _ digest: KeyDigest) -> Int? {
        let wanted = id.map(Self.number) ?? Self.none
        var node = 1
        while node < ids.count {
            // The sign bit: 1 where the id there is not greater. Of a comparison the compiler makes a branch.
            node = node &* 2 &+ Int(truncatingIfNeeded: (ids[node] &- wanted &- 1) >> 63)
        }
        // Back up to where it went right for the last time: there is the greatest id that is not greater, or else nothing.
        node >>= node.trailingZeroBitCount &+ 1
        // In one number, so that there is nothing to be done with before all of it is read.
        let difference = digest.difference(from: digests[node]) | (ids[node] ^ wanted)
        return difference == 0 ? positions[node] : nil
    }

    private static func number(_ id: KeyID) -> UInt64 { id.bits + 1 }

    /// A power of two.
    private static func size(for count: Int) -> Int {
        var size = 2
        while size <= count { size *= 2 }
        return size
    }

    /// In the order of the ids: what is left of a node, the node, and what is right of it.
    private static func fill(_ node: Int, _ positions: inout [Int], from rest: inout ArraySlice<Int>) {
        guard node < positions.count else { return }
        fill(node * 2, &positions, from: &rest)
        if let next = rest.popFirst() { positions[node] = next }
        fill(node * 2 + 1, &positions, from: &rest)
    }
}
