import CCurl
import Glibc
import Transport

// The C entry points, nothing else. libcurl calls them on the transfer thread, inside curl_multi_perform, with what
// `lend` gave it. A count that is too short, or an abort, ends the transfer; the reason is kept in it.

extension Transfer {
    /// Lends the transfer to libcurl: one reference, held until ``takeBack()``.
    func lend() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe easy.setPointer(CURLOPT_PRIVATE, context)
        unsafe easy.setPointer(CURLOPT_HEADERDATA, context)
        unsafe easy.setPointer(CURLOPT_WRITEDATA, context)
        unsafe easy.setPointer(CURLOPT_PREREQDATA, context)
    }

    /// Releases the reference of ``lend()``: once, when the handle is out of the multi handle and no callback can come.
    func takeBack() { unsafe Unmanaged.passUnretained(self).release() }

    /// `context` comes from ``lend()``, and the transfer was not taken back.
    static func from(_ context: UnsafeMutableRawPointer) -> Transfer {
        unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}

let receiveHeaderLine: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes,
    size,
    count,
    context in
    // For the length of the call the bytes are libcurl's, `size * count` of them.
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Transfer.from(context!).receive(headerLine: line) ? size * count : 0
}

let receiveBody: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes,
    size,
    count,
    context in
    let body = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    // An empty chunk of body is no failure.
    guard size * count > 0 else { return 0 }
    return unsafe Transfer.from(context!).receive(body: body) ? size * count : 0
}

/// Called before libcurl looks up a host. The transfer then ends as one whose name does not resolve.
let refuseLookup:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32 = {
        _,
        _,
        _ in
        1
    }

/// How long what was sent may stay unacknowledged before the system gives the connection up (TCP_USER_TIMEOUT, tcp(7)). Its own
/// patience is a quarter of an hour, in which every request would go into the same hole.
let longestSilence = Duration.seconds(10)

/// Called for each new socket. A system that does not know the option goes on without.
let socketOpened: @convention(c) (UnsafeMutableRawPointer?, curl_socket_t, curlsocktype) -> Int32 = {
    context,
    socket,
    _ in
    // The multi handle keeps them for as long as it has connections.
    unsafe Unmanaged<OpenSockets>.fromOpaque(context!).takeUnretainedValue().noteOpened(socket)
    // A program that the process starts would keep the connection open; libcurl 7.88 does not see to that.
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    var milliseconds = UInt32(longestSilence.milliseconds)
    _ = unsafe setsockopt(
        socket,
        Int32(IPPROTO_TCP),
        TCP_USER_TIMEOUT,
        &milliseconds,
        socklen_t(MemoryLayout<UInt32>.size)
    )
    return CURL_SOCKOPT_OK
}

/// Called in the place of close(2).
let closeSocket: @convention(c) (UnsafeMutableRawPointer?, curl_socket_t) -> Int32 = { context, socket in
    unsafe Unmanaged<OpenSockets>.fromOpaque(context!).takeUnretainedValue().noteClosed(socket)
    return close(socket)
}

let beginRequest:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int32, Int32
    ) -> Int32 = { context, remoteAddress, _, remotePort, localPort in
        // For the length of the call the text is libcurl's.
        let ends = OpenSockets.Ends(
            remoteAddress: unsafe remoteAddress.map { unsafe String(cString: $0) } ?? "",
            remotePort: remotePort,
            localPort: localPort
        )
        return unsafe Transfer.from(context!).beginRequest(between: ends) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
