package import NIOCore
package import PageTexts

/// A page that is ready to be sent.
package struct PageAnswer: Sendable {
    package var status: Int
    package var language: PageLanguage
    package var body: ByteBuffer

    package init(status: Int = 200, language: PageLanguage, html: String) {
        self.status = status
        self.language = language
        body = ByteBuffer(string: html)
    }
}
