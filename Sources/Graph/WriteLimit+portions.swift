extension WriteLimit {
    /// A limit is given out in at most so many portions.
    ///
    /// With one portion, who uses it up at once would leave nothing to a newcomer for the limit's whole interval, however fair
    /// the order of those who wait. With many, a handful of requests at once would have to wait for each other for no reason.
    static let mostPortions = 4

    /// The same rate in smaller portions, which keep to the limit as well: 80 in 20 s is 20 in 5 s.
    ///
    /// As many as divide the count evenly, so that nothing of the rate is lost: 10 in 20 s is 5 in 10 s, and 7 in 20 s stays.
    var portion: WriteLimit {
        let portions = (1...Self.mostPortions).last { count.isMultiple(of: $0) } ?? 1
        var interval = self.interval / portions
        // Rounded up: portions that are too short by a fraction would let one too many into the whole interval.
        if interval * portions < self.interval { interval += Duration(secondsComponent: 0, attosecondsComponent: 1) }
        return WriteLimit(count: count / portions, interval: interval)
    }
}
