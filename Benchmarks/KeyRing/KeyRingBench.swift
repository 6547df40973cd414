import Graph
import KeyRing
import Transport

/// How long it takes a key ring to know a key, or that there is none, by what is presented and by how many keys there are.
///
/// Prints JSON. What is compared is measured in turn, in blocks, so that a machine's moods hit all alike.
@main
enum KeyRingBench {
    private static let sizes = [100, 10_000, 100_000]
    private static let blocks = 401
    private static let lookupsOfBlock = 500

    static func main() {
        let rings = sizes.map { size in measure(size) }
        print("[\(rings.joined(separator: ","))]")
    }

    private static func measure(_ size: Int) -> String {
        let keys = (0..<size).map { _ in APIKey.random() }
        let ring = KeyRing(keys.map(entry))
        let kinds: [(name: String, texts: [String])] = [
            ("known", keys.prefix(lookupsOfBlock).map(text)),
            ("wrong-secret", keys.prefix(lookupsOfBlock).map { otherSecret($0) }),
            ("unknown-id", (0..<lookupsOfBlock).map { _ in text(.random()) }),
            ("damaged", keys.prefix(lookupsOfBlock).map { String(text($0).dropLast()) + "_" }),
            ("other", (0..<lookupsOfBlock).map { "some-other-key-\($0)-" + String(repeating: "x", count: 40) }),
        ]
        var times = [[Double]](repeating: [], count: kinds.count)
        var found = 0
        let now = Timestamp.now
        for block in 0..<blocks {
            for step in kinds.indices {
                // Another order each time, so that none always comes behind the same one.
                let kind = (step + block) % kinds.count
                let texts = kinds[kind].texts
                let start = ContinuousClock.now
                for index in 0..<lookupsOfBlock {
                    if (try? ring.caller(presenting: texts[index % texts.count], at: now)) != nil { found += 1 }
                }
                let spent = ContinuousClock.now - start
                times[kind].append(spent.seconds * 1e9 / Double(lookupsOfBlock))
            }
        }
        precondition(found == blocks * lookupsOfBlock, "a key that is in the ring was not known, or another was")
        let medians = kinds.indices.map { median(times[$0]) }
        let parts = kinds.indices.map { "\"\(kinds[$0].name)\":\(medians[$0].rounded())" }
        let differences = zip(times[1], times[2]).map { $0 - $1 }
        return """
            {"keys":\(size),"nanoseconds":{\(parts.joined(separator: ","))},\
            "wrongMinusUnknown":{"median":\(median(differences)),"low":\(quantile(differences, 0.25)),\
            "high":\(quantile(differences, 0.75)),"signs":\(differences.count { $0 > 0 }),"pairs":\(blocks)}}
            """
    }

    private static func entry(_ key: APIKey) -> KeyEntry {
        KeyEntry(id: key.id, caller: "caller-\(key.id)", digest: key.digest, grant: .everything, createdAt: .now)
    }

    private static func text(_ key: APIKey) -> String { key.reveal { $0 } }

    /// A whole key with the id of one and the secret of none.
    private static func otherSecret(_ key: APIKey) -> String { text(key.withOtherSecret()) }

    private static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    private static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted[Int(Double(sorted.count - 1) * share)]
    }
}
