import Crypto
package import NIOCore

/// A file that pages name: a style sheet, a script, a picture. Its name changes with its content, so that it may be kept for ever.
package struct PageAsset: Sendable {
    /// With the beginning of its SHA-256 in it: `page.3f2a9c04d1e87b56.css`.
    package let fileName: String
    package let mediaType: String
    package let bytes: ByteBuffer

    /// - Parameters:
    ///   - name: without the ending.
    package init(_ name: String, _ kind: Kind, _ bytes: [UInt8]) {
        let hash = SHA256.hash(data: bytes).prefix(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }.joined()
        fileName = "\(name).\(hash).\(kind.rawValue)"
        mediaType = kind.mediaType
        self.bytes = ByteBuffer(bytes: bytes)
    }

    package enum Kind: String, Sendable {
        case css, js, svg

        var mediaType: String {
            switch self {
            case .css: "text/css; charset=utf-8"
            case .js: "text/javascript; charset=utf-8"
            case .svg: "image/svg+xml"
            }
        }
    }
}

extension PageAsset {
    /// What all pages look like.
    package static let style = PageAsset("page", .css, PackageResources.page_css)
    package static let icon = PageAsset("icon", .svg, PackageResources.icon_svg)
}
