import HTTPTypes
import Transport

/// What one answer, or its absence, says about one `createToken` or `revokeToken`: the table of "sending exactly once", as a
/// function.
enum WriteAnswer: Sendable {
    /// 204: the one answer that Graph documents.
    case done(graphRequestID: String?, date: Timestamp?)
    /// Not done, and the same request would be refused again.
    case refused(GraphError.Kind, GraphFault)
    case unauthorized(GraphFault)
    case forbidden(GraphFault)
    /// Not done; may be sent again after a while.
    case throttled(GraphFault)
    /// Provably not sent, or refused unread; may be sent again.
    case notSent(TransportError)
    /// It may have been done: only reading back tells.
    case ambiguous(GraphFault?, TransportError?)

    init(_ exchange: GraphClient.Exchange) {
        switch exchange {
        case .success(let response) where response.status.code == 204:
            self = .done(
                graphRequestID: GraphFault.requestID(in: response.fields),
                date: response.fields[.date].flatMap { Timestamp(httpDate: $0) }
            )
        case .success(let response):
            self.init(status: response.status, fields: response.fields, fault: GraphFault(response), error: nil)
        case .failure(let error):
            if let status = error.status {
                // A head is an answer, even where the rest did not come; 204 has no rest.
                let fault = GraphFault(status: status, fields: error.fields)
                self.init(status: status, fields: error.fields, fault: fault, error: error)
            } else if error.maySendAgain {
                self = .notSent(error)
            } else if error.delivery == .unknown {
                self = .ambiguous(nil, error)
            } else {
                let kind: GraphError.Kind =
                    switch error.kind {
                    case .overloaded: .overloaded
                    case .unavailable, .cancelled: .unavailable
                    default: .failed
                    }
                self = .refused(kind, GraphFault(status: 0))
            }
        }
    }

    private init(status: HTTPResponse.Status, fields: HTTPFields, fault: GraphFault, error: TransportError?) {
        switch status.code {
        case 204:
            self = .done(graphRequestID: fault.requestID, date: fields[.date].flatMap { Timestamp(httpDate: $0) })
        case 401: self = .unauthorized(fault)
        case 403: self = .forbidden(fault)
        case 404: self = .refused(.profileNotFound, fault)
        case 409, 412: self = .refused(.conflict, fault)
        case 400, 422: self = .refused(.refused, fault)
        case 429: self = .throttled(fault)
        // A redirect is never followed: it would carry the access token away.
        case 300..<400, 402..<408, 410..<500: self = .refused(.failed, fault)
        // 408, 5xx, and any success that Graph does not document (a captive portal's page, for example).
        default: self = .ambiguous(fault, error)
        }
    }
}
