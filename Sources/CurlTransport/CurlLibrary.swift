import CCurl
import Glibc

/// The libcurl that this process runs with.
///
/// It is initialised once, on first use. That is safe from any thread because a `threadsafe` build is required
/// (<https://curl.se/libcurl/c/curl_global_init.html>).
struct CurlLibrary: Sendable, Equatable {
    /// What is known of a build without asking it.
    struct Build: Sendable, Equatable {
        /// `0xXXYYZZ`, as in `CURLVERSION_NUM`.
        var number: UInt32
        var version: String
        /// `CURL_VERSION_*` bits.
        var features: Int32
    }

    /// 7.87.0 brought `CURLOPT_QUICK_EXIT`, without which a hung name lookup stalls every transfer of the thread.
    /// The other options that are relied on are older (`CURLOPT_PROTOCOLS_STR` 7.85.0, `CURLOPT_PREREQFUNCTION` 7.80.0).
    static let required: (number: UInt32, version: String) = (0x075700, "7.87.0")

    /// - Throws: ``CurlTransportError`` when the library is too old, lacks something, or does not start.
    static func start() throws(CurlTransportError) { try shared.get() }

    private static let shared: Result<Void, CurlTransportError> = Result { () throws(CurlTransportError) in
        let code = ccurl_global_init()
        guard code == CURLE_OK else { throw .cannotStart(detail: CurlCode.words(for: code)) }
        try check(loaded())
    }

    /// - Throws: ``CurlTransportError`` naming what `build` lacks.
    static func check(_ build: Build) throws(CurlTransportError) {
        guard build.number >= required.number else {
            throw .libraryTooOld(version: build.version, required: required.version)
        }
        let needs: [(bit: Int32, name: String)] = [
            (CURL_VERSION_SSL, "SSL"),
            (CURL_VERSION_HTTP2, "HTTP2"),
            (CURL_VERSION_ASYNCHDNS, "AsynchDNS"),
            (CURL_VERSION_THREADSAFE, "threadsafe"),
        ]
        for need in needs where build.features & need.bit == 0 {
            throw .featureMissing(need.name, version: build.version)
        }
    }

    /// The build that was loaded; its number may differ from the headers'.
    static func loaded() -> Build {
        // The structure and its strings are static (https://curl.se/libcurl/c/curl_version_info.html).
        let info = unsafe ccurl_version_info()!.pointee
        return Build(
            number: unsafe info.version_num,
            version: unsafe String(cString: info.version),
            features: unsafe info.features
        )
    }

    /// Whether libcurl finds the system's trust in a directory. Only then does a file of extra trust add to it: a
    /// `CURLOPT_CAINFO` of our own takes the place of the built-in file, but not of the built-in directory.
    static var hasSystemTrustDirectory: Bool { unsafe ccurl_version_info()!.pointee.capath != nil }

    /// Why `path` cannot be used as extra trust, as the end of a sentence; nil when it is a readable PEM file of certificates.
    static func faultOfExtraTrust(at path: String) -> String? {
        guard hasSystemTrustDirectory else { return "this libcurl cannot add it to the system's trust" }
        guard let file = unsafe fopen(path, "re") else { return unsafe String(cString: strerror(errno)) }
        defer { unsafe fclose(file) }
        let text = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
            count = unsafe fread(buffer.baseAddress, 1, buffer.count, file)
        }
        guard unsafe ferror(file) == 0 else { return "it cannot be read" }
        let holdsCertificate = String(decoding: text, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
        return holdsCertificate ? nil : "it holds no PEM certificate"
    }
}
