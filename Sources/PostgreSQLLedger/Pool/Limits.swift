/// How long things may take. A call waits for a connection for `waiting` and runs for `statement` at most.
struct Limits: Sendable {
    var connect = Duration.seconds(3)
    var statement = Duration.seconds(3)
    var waiting = Duration.seconds(3)
    /// Bringing the tables up to date, the wait for another gateway that does it included.
    var migration = Duration.seconds(60)
    /// Between two attempts to connect of one thread.
    var pause = Duration.milliseconds(200)
    /// So long calls wait out an outage, such as a restart; from then on they fail at the next failed attempt.
    var tolerance = Duration.seconds(2)
    /// So many calls at most share one round trip.
    var batch = 64
}
