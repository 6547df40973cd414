extension QRSymbol {
    /// Pixels per module of an SVG that is opened alone; whatever shows it inside of something else says itself how large it is.
    private static let modulePixels = 8

    /// The symbol with its quiet zone as one SVG document, black on white and sharp at any size.
    ///
    /// It has neither scripts nor styles, refers to nothing, and says to those who cannot see it what it is, but not what it
    /// holds.
    package func svg() -> String {
        let width = side + 2 * Self.quietZone
        let pixels = width * Self.modulePixels
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(pixels)" height="\(pixels)" viewBox="0 0 \(width) \(width)" \
            shape-rendering="crispEdges" role="img"><title>Enrollment QR code</title>\
            <rect width="\(width)" height="\(width)" fill="#fff"/><path d="\(path)"/></svg>

            """
    }

    /// Each row as one outline: along its lower edge, and over each run of dark modules. Areas rather than lines, which some
    /// viewers make thicker; and one path, so that no light shows between rows that are drawn at a broken scale.
    private var path: String {
        var path = ""
        for row in 0..<side {
            path += "M\(Self.quietZone) \(Self.quietZone + row + 1)"
            // The end of the run before.
            var end = 0
            while let start = (end..<side).first(where: { isDark(row: row, column: $0) }) {
                if start > end { path += "h\(start - end)" }
                end = (start..<side).first { !isDark(row: row, column: $0) } ?? side
                path += "v-1h\(end - start)v1"
            }
            path += "z"
        }
        return path
    }
}
