/// The last requests, one by one. They are numbered in the order in which they were answered, from 1.
///
/// Those of known callers and those of strangers make room for their own kind alone: a scanner without a key asks a thousand times in
/// a second.
struct LastRequests: Sendable {
    private var callers = Ring()
    private var strangers = Ring()
    private var count = 0

    /// - Returns: the one that had to make room.
    mutating func add(_ request: RequestSummary) -> RequestSummary? {
        count += 1
        let numbered = RequestHistory.Numbered(number: count, request: request)
        return request.caller == nil ? strangers.add(numbered) : callers.add(numbered)
    }

    /// `nil` where it is none, or no more.
    subscript(number: Int) -> RequestSummary? { callers[number] ?? strangers[number] }

    /// The newest first: of strangers no more than there is room for beside the callers', or ``RequestHistory/fewestStrangers``.
    var all: [RequestHistory.Numbered] {
        let most = RequestHistory.mostRequests
        var all: [RequestHistory.Numbered] = []
        all.reserveCapacity(most)
        var known = callers.newestFirst[...]
        let room = max(RequestHistory.fewestStrangers, most - known.count)
        var unknown = strangers.newestFirst.prefix(room)
        while all.count < most {
            let isKnown = (known.first?.number ?? 0) > (unknown.first?.number ?? 0)
            guard let next = isKnown ? known.popFirst() : unknown.popFirst() else { break }
            all.append(next)
        }
        return all
    }

    private struct Ring: Sendable {
        private var requests: [RequestHistory.Numbered] = []
        /// Of the oldest, once it is full.
        private var oldest = 0

        init() { requests.reserveCapacity(RequestHistory.mostRequests) }

        mutating func add(_ request: RequestHistory.Numbered) -> RequestSummary? {
            guard requests.count == RequestHistory.mostRequests else {
                requests.append(request)
                return nil
            }
            var request = request
            swap(&requests[oldest], &request)
            oldest = (oldest + 1) % requests.count
            return request.request
        }

        subscript(number: Int) -> RequestSummary? { requests.first { $0.number == number }?.request }

        var newestFirst: [RequestHistory.Numbered] { (requests[oldest...] + requests[..<oldest]).reversed() }
    }
}
