import TestSupport
import Testing

@Suite("Tools of the tests")
struct TestToolTests {
    @Test("one that is missing is told in one sentence that says where it comes from")
    func missing() {
        let error = #expect(throws: TestTool.Missing.self) { try TestTool.zbarimg.path(in: "/nonexistent:") }
        #expect(
            error?.description
                == "zbarimg is missing: run `scripts/deps --tests`, or install zbar-tools in this system's own way."
        )
    }
}
