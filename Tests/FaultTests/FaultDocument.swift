/// The table as a document for people: `docs/faults.md`.
enum FaultDocument {
    private static let introduction = """
        # Faults

        What the gateway does when something between it and Microsoft Graph goes wrong in the middle of `createToken`. Each row was
        seen to happen: a test sends one request of a caller through the gateway as it is, libcurl and TLS included, to a server that
        has the fault, and that server counts what reaches it. The tests also write this page (`make faults`), and fail when it is not
        what they see.

        ## How to read it

        Three things can be true of a request: its enrollment token was created, it was not, or nobody can say. A caller is told which,
        and a request never makes two tokens. So the gateway sends again only what provably did nothing. Where that is not certain it
        reads the profile back, and looks whether the token there is the one it asked for.

        - **What Graph's side does**: the fault. It need not be Graph: a proxy, a load balancer or a captive portal can do it.
        - **HTTP**: the version that was agreed on; "–" where it did not come to that.
        - **Connection**: whether `createToken` was the first request on it (fresh), or came on one that was used before (reused).
          A row that names several versions or connections was seen on each of them.
        - **What the transport reports**, for each time that the request was handed to it:
          *not sent*, not a byte of it left; *refused unread*, the server said so in HTTP/2's own words; *answered*, with the status;
          *unknown*, it may have been acted upon. The word after it is `transport.error` in the log.
        - **Seen**: the requests for `createToken` that reached the server. *Refused* are those that it said it did nothing about, *begun*
          those of which it looked at the head only. Apart from the refused ones there is never more than one.
        - **Sent again**: how often the gateway tried anew.
        - **If created**, **if not created**: the caller's answer when Graph created the token nevertheless, and when it did not; "–" where
          that cannot be. "Read back" means that the profile showed the token.

        A 502 that says "not created" after an unknown outcome comes from two reads of the profile that agree, the last one at least 3 s
        after the sending ended. When the gateway's own deadline ended the exchange, Graph may still be at work, and no number of reads
        proves that nothing was created: then it is 504 `outcome-unknown`, and the caller should look at the profile.
        """

    private static let header = """
        | What Graph's side does | HTTP | Connection | What the transport reports | Seen | Sent again | If created | If not created |
        |---|---|---|---|---|---|---|---|
        """

    static func text(_ reports: [RowReport]) -> String {
        var text = introduction + "\n"
        var rest = reports[...]
        for section in FaultSection.all {
            text += "\n## \(section.title)\n\n\(section.text)\n\n\(header)\n"
            for fault in section.faults {
                let count = fault.rows.count
                for line in lines(Array(rest.prefix(count))) { text += line + "\n" }
                rest = rest.dropFirst(count)
            }
        }
        return text
    }

    /// The rows of one fault: in one line where all of them came to the same.
    private static func lines(_ reports: [RowReport]) -> [String] {
        guard let first = reports.first, reports.allSatisfy({ $0.seen == first.seen }) else {
            return reports.map { line([$0]) }
        }
        return [line(reports)]
    }

    private static func line(_ reports: [RowReport]) -> String {
        let rows = reports.map(\.row)
        let names = [rows.map(\.versionName), rows.map(\.connectionName)].map { names in
            var different: [String] = []
            for name in names where !different.contains(name) { different.append(name) }
            return different.joined(separator: ", ")
        }
        return "| " + ([rows[0].fault.name] + names + reports[0].seen.cells).joined(separator: " | ") + " |"
    }
}
