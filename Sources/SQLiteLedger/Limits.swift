/// What bounds the time and the memory that the file takes. Tests shorten it.
struct Limits: Sendable {
    /// So long an opening waits for the gateway that has the file; one that is restarted ends in that time.
    var lockPatience = Duration.seconds(5)
    /// So long each transaction waits for a program that has locked the database.
    var busyTimeout = Duration.seconds(2)
    /// A transaction or a read that takes longer is given up on: the disk hangs.
    var stuckAfter = Duration.seconds(10)
    /// So many calls share one transaction at most.
    var batch = 256
    /// So many calls may wait to be written.
    var queue = 10_000
    /// Larger files, in bytes, are not read through when they are opened.
    var fullCheckBelow = 64 << 20
}
