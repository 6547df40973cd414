/// What all bodies together may hold that are still coming on one HTTP/2 connection. Only on its event loop.
///
/// Without it a connection could hold as many bodies as it has streams, for as long as bodies may take.
final class BodyBudget {
    private let most: Int
    private var taken = 0

    init(_ most: Int) { self.most = most }

    /// - Returns: `false` where there is not as much left; nothing is taken then.
    func take(_ bytes: Int) -> Bool {
        guard taken + bytes <= most else { return false }
        taken += bytes
        return true
    }

    func giveBack(_ bytes: Int) { taken -= bytes }
}
