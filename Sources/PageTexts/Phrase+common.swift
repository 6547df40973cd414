/// What all pages say.
extension Phrase {
    package static let product = Phrase("Enrollment gateway", "注册网关")
    package static let skipToContent = Phrase("Skip to the content", "跳到正文")
    package static let pages = Phrase("Pages", "页面")
    package static let languages = Phrase("Language", "语言")
}
