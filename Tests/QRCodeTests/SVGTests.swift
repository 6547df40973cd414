import QRCode
import Testing

@Suite("QR codes as SVG")
struct SVGTests {
    private let symbol: QRSymbol
    private let svg: String

    init() throws {
        symbol = try QRSymbol(Samples.provisioning)
        svg = symbol.svg()
    }

    @Test("all is counted in modules, the quiet zone of four included, and alone it has eight pixels for each")
    func sizes() throws {
        let width = symbol.side + 8
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width * 8)" height="\(width * 8)" \
            viewBox="0 0 \(width) \(width)" shape-rendering="crispEdges" role="img"><title>Enrollment QR code</title>
            """
        #expect(svg.hasPrefix(head))
        #expect(svg.contains("<rect width=\"\(width)\" height=\"\(width)\" fill=\"#fff\"/>"))
    }

    @Test("it is one rectangle and one path: no script, no style, no reference to anything")
    func elements() {
        let names = svg.matches(of: /<([A-Za-z]+)/).map { String($0.1) }
        #expect(names == ["svg", "title", "rect", "path"])
        #expect(svg.matches(of: /:\/\//).count == 1, "the name of SVG itself")
        #expect(!svg.contains("style") && !svg.contains("href") && !svg.contains("onload"))
    }

    @Test("the runs of the path are the dark modules, each run as long as it can be")
    func runs() throws {
        var drawn = Set<Int>()
        let rows = svg.matches(of: /M4 (\d+)((?:(?:h\d+)?v-1h\d+v1)+)z/)
        #expect(rows.count == symbol.side)
        #expect(svg.contains("<path d=\"" + rows.map(\.0).joined() + "\"/>"), "there is something else in the path")
        for (row, outline) in rows.enumerated() {
            #expect(Int(outline.1) == row + 5)
            var column = 0
            for run in outline.2.matches(of: /(?:h(\d+))?v-1h(\d+)v1/) {
                #expect(run.1 != nil || column == 0, "this run goes on with the one before")
                column += run.1.flatMap { Int($0) } ?? 0
                let length = try #require(Int(run.2))
                for column in column..<(column + length) {
                    #expect(drawn.insert(row * symbol.side + column).inserted)
                }
                column += length
            }
        }
        #expect(drawn == Set(symbol.modules.indices.filter { symbol.modules[$0] }))
    }

    @Test("nothing of the text stands in it")
    func secrecy() {
        #expect(!svg.contains("ABCDEFGH"))
        #expect(!svg.contains("android"))
        #expect(!svg.lowercased().contains("token"))
    }

    @Test("it is small enough to be sent as it is, and the same each time")
    func compactness() {
        #expect(svg.utf8.count < 20_000)
        #expect(symbol.svg() == svg)
    }
}
