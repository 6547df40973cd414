import CCurl
import NIOCore
import Synchronization
import Transport

/// Owns one `CURL` and everything that libcurl does not copy: the lists of headers and addresses, and the error
/// buffer.
///
/// It belongs to the thread that made it. It must have left the multi handle before it is reset or dies.
@safe
final class EasyHandle {
    /// Those of the process that are alive, for the tests that look for leaks.
    static let liveCount = Atomic(0)

    let pointer: UnsafeMutableRawPointer
    let sockets: OpenSockets
    private let errorBuffer: UnsafeMutableBufferPointer<CChar>
    /// Kept from the start of a transfer to its end, since libcurl does not copy it (CURLOPT_HTTPHEADER(3)).
    private var headers = TextList()
    /// The same for what a name stands for (CURLOPT_RESOLVE(3)).
    private var addresses = TextList()
    /// The first option that was refused since the last reset. Setting options goes on after it; whoever has set a batch
    /// of them asks once.
    private(set) var refusedOption: (option: UInt32, code: CURLcode)?

    /// - Throws: ``TransportError`` of kind `internal` when there is no memory for it.
    init(sockets: OpenSockets) throws(TransportError) {
        guard let pointer = unsafe curl_easy_init() else {
            throw TransportError(.internal, delivery: .notSent, detail: "curl_easy_init failed")
        }
        unsafe self.pointer = unsafe pointer
        self.sockets = sockets
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0)
        Self.liveCount.add(1, ordering: .relaxed)
    }

    deinit {
        // The handle first: until then it refers to the two others.
        unsafe curl_easy_cleanup(pointer)
        unsafe errorBuffer.deallocate()
        Self.liveCount.subtract(1, ordering: .relaxed)
    }

    /// The shape of request that the options are set for; nil for none.
    var shape: RequestShape?

    private var holdsBody = false

    /// Forgets all options and everything of the last request. Connections and names stay known to the multi handle.
    func reset() {
        forgetRequest()
        unsafe curl_easy_reset(pointer)
        refusedOption = nil
        shape = nil
    }

    /// Forgets what of the last request may be secret: its fields and its body. The options stay.
    func forgetRequest() {
        dropLists()
        // Only then: libcurl takes setting it for a wish to POST.
        if holdsBody { set(CURLOPT_COPYPOSTFIELDS, nil) }
        holdsBody = false
        unsafe errorBuffer[0] = 0
    }

    /// The lines to send in addition to libcurl's own, or in their place.
    func useHeaders(_ list: consuming TextList) {
        unsafe setPointer(CURLOPT_HTTPHEADER, list.pointer)
        headers = list
    }

    /// Lines of `HOST:PORT:ADDRESS,…` for the multi handle's memory, where they stay until others take their place.
    func useAddresses(_ list: consuming TextList) {
        unsafe setPointer(CURLOPT_RESOLVE, list.pointer)
        addresses = list
    }

    /// The body of a POST. Copied once, into libcurl's keeping: a ByteBuffer does not promise that its bytes stay where they
    /// are.
    func useBody(_ body: ByteBuffer) {
        holdsBody = true
        setSize(CURLOPT_POSTFIELDSIZE_LARGE, body.readableBytes)
        unsafe body.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return set(CURLOPT_COPYPOSTFIELDS, "") }
            unsafe setPointer(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        }
    }

    /// Frees the lines. Not while a transfer goes on.
    func dropLists() {
        useHeaders(TextList())
        useAddresses(TextList())
    }

    /// libcurl's words about the last failure, empty while there was none. Only printable ASCII, since a name or an answer
    /// may be part of it.
    var errorText: String {
        unsafe errorBuffer[errorBuffer.count - 1] = 0
        let text = unsafe String(cString: errorBuffer.baseAddress!)
        return String(text.unicodeScalars.map { $0.value >= 0x20 && $0.value < 0x7F ? Character($0) : "?" })
    }

    var hasErrorText: Bool { unsafe errorBuffer[0] != 0 }

    /// - Throws: ``TransportError`` of kind `internal` naming the option that was refused.
    func checkOptions() throws(TransportError) {
        guard let refusedOption else { return }
        throw TransportError(
            .internal,
            delivery: .notSent,
            detail: "curl_easy_setopt(\(refusedOption.option)): \(CurlCode.words(for: refusedOption.code))"
        )
    }
}

// One thread's own: see above.
@available(*, unavailable)
extension EasyHandle: Sendable {}

// MARK: - One setter and getter for each shape

extension EasyHandle {
    func set(_ option: CURLoption, _ value: Int) { note(option, unsafe ccurl_setopt_long(pointer, option, value)) }

    func set(_ option: CURLoption, _ value: Bool) { set(option, value ? 1 : 0) }

    func setSize(_ option: CURLoption, _ value: Int) {
        note(option, unsafe ccurl_setopt_off(pointer, option, curl_off_t(value)))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ value: String?) {
        guard let value else { return note(option, unsafe ccurl_setopt_string(pointer, option, nil)) }
        note(option, unsafe value.withCString { text in unsafe ccurl_setopt_string(pointer, option, text) })
    }

    /// The caller answers for `value` living as long as libcurl may use it.
    func setPointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        note(option, unsafe ccurl_setopt_pointer(pointer, option, value))
    }

    func setFunction(_ option: CURLoption, _ function: ccurl_data_function) {
        note(option, unsafe ccurl_setopt_data_function(pointer, option, function))
    }

    func setPrerequisite(_ function: curl_prereq_callback) {
        note(CURLOPT_PREREQFUNCTION, unsafe ccurl_setopt_prereq_function(pointer, function))
    }

    func setResolverStart(_ function: curl_resolver_start_callback?) {
        note(CURLOPT_RESOLVER_START_FUNCTION, unsafe ccurl_setopt_resolver_start_function(pointer, function))
    }

    /// A connection calls `closed` with what it was made with, however much later: the sockets have to outlive the multi
    /// handle.
    func setSocketFunctions(opened: curl_sockopt_callback, closed: curl_closesocket_callback) {
        let context = unsafe Unmanaged.passUnretained(sockets).toOpaque()
        note(CURLOPT_SOCKOPTFUNCTION, unsafe ccurl_setopt_sockopt_function(pointer, opened))
        note(CURLOPT_CLOSESOCKETFUNCTION, unsafe ccurl_setopt_closesocket_function(pointer, closed))
        unsafe setPointer(CURLOPT_SOCKOPTDATA, context)
        unsafe setPointer(CURLOPT_CLOSESOCKETDATA, context)
    }

    /// No connection that is there already is used.
    func insistOnNewConnection() {
        set(CURLOPT_FRESH_CONNECT, true)
        shape = nil
    }

    /// The connection takes no further transfer, and is closed when the last one on it has ended.
    func condemnConnection() { set(CURLOPT_FORBID_REUSE, true) }

    func useErrorBuffer() { unsafe setPointer(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorBuffer.baseAddress!)) }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        let code = unsafe ccurl_getinfo_long(pointer, info, &value)
        return code == CURLE_OK ? value : 0
    }

    /// One of the `_T` times, which libcurl counts in microseconds from the start of the transfer.
    func time(_ info: CURLINFO) -> Duration {
        var value: curl_off_t = 0
        let code = unsafe ccurl_getinfo_off(pointer, info, &value)
        return code == CURLE_OK ? .microseconds(value) : .zero
    }

    private func note(_ option: CURLoption, _ code: CURLcode) {
        if code != CURLE_OK, refusedOption == nil { refusedOption = (option.rawValue, code) }
    }
}
