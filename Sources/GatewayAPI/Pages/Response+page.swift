import HTTPTypes
import Hummingbird
import NIOCore
import PageTexts
import Pages

extension Response {
    static func page(_ answer: PageAnswer) -> Response {
        Response(
            status: .init(code: answer.status),
            headers: PageFields.page(answer.language),
            body: .init(byteBuffer: answer.body)
        )
    }

    static func asset(_ asset: PageAsset) -> Response {
        Response(status: .ok, headers: PageFields.asset(asset), body: .init(byteBuffer: asset.bytes))
    }
}

extension Request {
    /// The query of a page for people. Unlike an operation's it is taken leniently: what the page does not have is passed over.
    func pageParameter(_ name: String) -> String? { uri.queryParameters[name[...]].map(String.init) }

    var pageLanguage: PageLanguage {
        PageLanguage(chosen: pageParameter("lang"), acceptLanguage: headers[values: .acceptLanguage])
    }
}
