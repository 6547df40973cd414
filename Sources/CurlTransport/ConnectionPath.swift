/// What libcurl is told about the connection of one transfer.
struct ConnectionPath {
    /// How the host comes to its addresses.
    enum Addresses {
        /// They are known; `give` holds those that libcurl has to be told first.
        case known(give: [HostAddress]?)
        /// The host is an address itself.
        case literal
    }

    var addresses: Addresses
    /// For connecting; nil where no time was lost so far.
    var timeLeft: Duration?
}
