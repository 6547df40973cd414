import Graph
import KeyRing
import Transport

/// How long it takes a key ring to know a key, or that there is none, by what is presented and by how many keys there are.
///
/// Prints JSON. What is compared is measured in turn, in blocks, so that a machine's moods hit all alike.
@main
enum KeyRingBench {
    private static let sizes = [1_000, 10_000, 100_000]
    private static let blocks = 401
    private static let lookupsOfBlock = 500

    static func main() {
        let rings = sizes.map { size in measure(size) }
        print("[\(rings.joined(separator: ","))]")
    }

    private static func measure(_ size: Int) -> String {
        let keys = (0..<size).map { _ in APIKey.random() }
        let ring = KeyRing(keys.map(entry))
        // As many, and made in the same way, so that they differ from those of the ring in nothing but that.
        let strangers = (0..<2).map { _ in (0..<size).map { _ in APIKey.random() } }
        // New texts for each block, so that what is compared is the kind and not the one set or the other.
        let kinds: [(name: String, text: () -> String)] = [
            ("known", { text(keys.randomElement()!) }),
            ("wrong-secret", { text(keys.randomElement()!.withOtherSecret()) }),
            ("unknown-id", { text(strangers[0].randomElement()!.withOtherSecret()) }),
            ("unknown-id-again", { text(strangers[1].randomElement()!.withOtherSecret()) }),
            ("damaged", { String(text(keys.randomElement()!).dropLast()) + "_" }),
            ("other", { "some-other-key-\(UInt64.random(in: 0 ... .max))-" + String(repeating: "x", count: 30) }),
        ]
        var times = [[Double]](repeating: [], count: kinds.count)
        var found = 0
        let now = Timestamp.now
        for _ in 0..<blocks {
            // Another order each time, so that none always comes behind the same one.
            for kind in kinds.indices.shuffled() {
                let texts = (0..<lookupsOfBlock).map { _ in kinds[kind].text() }
                let start = ContinuousClock.now
                for text in texts where (try? ring.caller(presenting: text, at: now)) != nil { found += 1 }
                let spent = ContinuousClock.now - start
                times[kind].append(spent.seconds * 1e9 / Double(lookupsOfBlock))
            }
        }
        precondition(found == blocks * lookupsOfBlock, "a key that is in the ring was not known, or another was")
        let parts = kinds.indices.map { "\"\(kinds[$0].name)\":\(median(times[$0]).rounded())" }
        return """
            {"keys":\(size),"nanoseconds":{\(parts.joined(separator: ","))},\
            "wrongMinusUnknown":\(comparison(times[1], times[2])),"unknownMinusUnknown":\(comparison(times[3], times[2]))}
            """
    }

    /// Block by block: the median difference and its middle half, and how often the first took longer.
    private static func comparison(_ first: [Double], _ second: [Double]) -> String {
        let differences = zip(first, second).map { $0 - $1 }
        return """
            {"median":\(median(differences)),"low":\(quantile(differences, 0.25)),"high":\(quantile(differences, 0.75)),\
            "longer":\(differences.count { $0 > 0 }),"pairs":\(blocks)}
            """
    }

    private static func entry(_ key: APIKey) -> KeyEntry {
        KeyEntry(id: key.id, caller: "caller-\(key.id)", digest: key.digest, grant: .everything, createdAt: .now)
    }

    private static func text(_ key: APIKey) -> String { key.reveal { $0 } }

    private static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    private static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted[Int(Double(sorted.count - 1) * share)]
    }
}
