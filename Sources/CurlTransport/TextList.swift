import CCurl

/// Owns a `curl_slist`, as CURLOPT_HTTPHEADER(3) and CURLOPT_RESOLVE(3) take it. Its lines may be secret: it dies with its
/// transfer.
@safe
struct TextList: ~Copyable {
    private var list: UnsafeMutablePointer<curl_slist>?

    var pointer: UnsafeMutableRawPointer? { unsafe UnsafeMutableRawPointer(list) }

    init() { unsafe list = nil }

    deinit { unsafe curl_slist_free_all(list) }

    /// Adds a line as it is. Returns false when there was no memory for it.
    mutating func append(line: [UInt8]) -> Bool {
        let longer = unsafe line.withUnsafeBytes { bytes in
            unsafe curl_slist_append(list, bytes.baseAddress!.assumingMemoryBound(to: CChar.self))
        }
        guard let longer = unsafe longer else { return false }
        unsafe list = unsafe longer
        return true
    }
}
