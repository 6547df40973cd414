import Foundation

/// Reads QR codes off pictures, by Debian's zbar-tools; SVG documents are drawn by librsvg before.
package enum QRCodeReader {
    /// The text of the one QR code in a picture; nil when none can be read.
    ///
    /// - Throws: ``TestTool/Missing``.
    package static func text(inPNG png: some Sequence<UInt8>) async throws -> String? {
        let folder = try Folder()
        let path = folder.path("code.png")
        try Data(png).write(to: URL(filePath: path))
        return try await text(inFile: path)
    }

    /// The same for an SVG document.
    ///
    /// - Parameter width: how many pixels it is drawn in; nil for what it says itself.
    package static func text(inSVG svg: String, width: Int? = nil) async throws -> String? {
        let folder = try Folder()
        let (source, picture) = (try folder.write(svg, to: "code.svg"), folder.path("code.png"))
        let size = width.map { ["--width", String($0), "--keep-aspect-ratio"] } ?? []
        let drawn = try await TestTool.rsvgConvert.run(size + ["--output", picture, source])
        return drawn.ending == .exit(0) ? try await text(inFile: picture) : nil
    }

    private static func text(inFile path: String) async throws -> String? {
        // --nodbus: it would tell the desktop of what it read.
        // QR codes alone: in the modules of one it sees bar codes now and then.
        let kinds = ["-Sdisable", "-Sqrcode.enable"]
        let read = try await TestTool.zbarimg.run(["--quiet", "--raw", "--nodbus"] + kinds + [path])
        // It ends what it read with a line break of its own.
        guard read.ending == .exit(0), read.output.hasSuffix("\n") else { return nil }
        return String(read.output.dropLast())
    }
}
