import CCurl
import HTTPTypes

/// Owns a `curl_slist` of header lines (CURLOPT_HTTPHEADER(3)). Its lines may be secret: it dies with its transfer.
@safe
struct HeaderList: ~Copyable {
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
