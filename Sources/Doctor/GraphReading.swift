import Entra
import Explanations
import Foundation
import Graph
import HTTPTypes
import NIOCore
import NIOFoundationCompat
import Settings
import Transport

/// One read of Graph's, without a second try: the doctor wants to see what happens.
struct GraphReading {
    static let timeLimit = Duration.seconds(15)

    /// Why it brought nothing.
    enum Failure: Error {
        case answered(GraphFault)
        case silent(TransportError)
    }

    let tools: DoctorTools
    let token: AccessToken

    func get(_ url: UpstreamURL) async throws(Failure) -> ByteBuffer {
        var fields: HTTPFields = [.accept: "application/json", .clientRequestID: RandomID.guid()]
        token.value.reveal { fields[.authorization] = "Bearer " + $0 }
        let response: UpstreamResponse
        do throws(TransportError) {
            response = try await tools.transport.execute(
                UpstreamRequest(
                    method: .get,
                    url: url,
                    fields: fields,
                    repetition: .harmless,
                    deadline: tools.clock.now.advanced(by: Self.timeLimit)
                )
            )
        } catch {
            throw .silent(error)
        }
        guard response.status == .ok else { throw .answered(GraphFault(response)) }
        return response.body
    }

    /// A document of Graph's; a byte-order mark in front is skipped. Nil when it is none.
    static func decode<Document: Decodable>(_ type: Document.Type, from body: ByteBuffer) -> Document? {
        var body = body
        if body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) { body.moveReaderIndex(forwardBy: 3) }
        return try? JSONDecoder().decode(type, from: body)
    }
}

/// The members of a profile that are looked at; `$select` keeps the others, which are secrets, away.
struct ProfileSummary: Decodable {
    static let selection = "$select=id,displayName,tokenExpirationDateTime"

    var id: String?
    var displayName: String?
    var tokenExpirationDateTime: String?

    /// Its name, as far as a terminal shows it and obeys nothing.
    var shownName: String {
        let scalars = (displayName ?? "").unicodeScalars.prefix(60).filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}

/// A page of a collection.
struct ProfilePage: Decodable {
    var value: [ProfileSummary]
    var nextLink: String?

    enum CodingKeys: String, CodingKey {
        case value
        case nextLink = "@odata.nextLink"
    }
}

extension Finding {
    /// What Graph answered, and what it means here.
    mutating func note(_ fault: GraphFault) {
        note("status", fault.status == 0 ? nil : String(fault.status))
        note("code", fault.code)
        note("names", fault.namedPermissions.joined(separator: ", "))
        note("request id", fault.requestID)
        note("activity id", fault.activityID)
        note("asks to wait", fault.retryAfter?.shown)
    }
}

extension GraphFault {
    /// What is told where nothing better is known, too.
    var advice: Advice? {
        (explanation ?? Explanations.find("graph-failed", in: .gateway)).map(Advice.init)
    }
}
