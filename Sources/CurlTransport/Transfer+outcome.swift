import CCurl
import HTTPTypes
import Transport

extension Transfer {
    /// What libcurl's result, and what the callbacks saw, mean for the caller.
    func outcome(of code: CURLcode) -> Result<UpstreamResponse, TransportError> {
        if let fault { return .failure(error(fault.kind, fault.detail)) }
        if metUselessConnection { return .failure(error(.connectFailed, "each connection was over")) }
        switch sendGuard.finding {
        case .refused?:
            var error = error(.refused, "the server refused the request unread")
            error.delivery = .refused
            return .failure(error)
        case .lost?:
            return .failure(
                error(.connectionLost, "the reused connection ended before an answer; sending again was stopped")
            )
        case nil:
            break
        }
        if code == CURLE_OK, head.isComplete { return .success(response()) }
        // RFC 9113 §8.1: an answer in full counts though its stream is reset because the rest of the request is not wanted.
        // libcurl 7.88 reports that as an error without words; a reset for another reason has some.
        if code == CURLE_HTTP2_STREAM, isAnswered, !easy.hasErrorText { return .success(response()) }
        // For libcurl 7.88 a head that breaks off is an end like another.
        guard code != CURLE_OK else {
            return .failure(error(.connectionLost, "the connection ended inside the answer's head"))
        }
        let detail = easy.hasErrorText ? easy.errorText : CurlCode.words(for: code)
        return .failure(error(CurlCode.kind(of: code, at: stage, detail: detail), detail))
    }

    /// What a transfer that was ended from outside means for the caller.
    func outcome(of ending: TransferQueue<Submission>.Ending) -> Result<UpstreamResponse, TransportError> {
        // libcurl may still be busy with sending a request that the server has answered without reading it whole.
        if fault == nil, isAnswered { return .success(response()) }
        return switch ending {
        case .cancelled: .failure(error(.cancelled, "the calling task was cancelled"))
        case .timedOut: .failure(error(.timedOut, "the deadline passed while \(stage.words)"))
        }
    }

    /// An error about this transfer. Before the request began to be written nothing of it left; after that, nobody knows.
    func error(_ kind: TransportError.Kind, _ detail: String) -> TransportError {
        TransportError(
            kind,
            delivery: sendGuard.hasBegun ? .unknown : .notSent,
            detail: detail,
            status: head.isComplete ? head.status : nil,
            fields: head.isComplete ? head.fields : [:]
        )
    }

    private var stage: CurlCode.Stage {
        if sendGuard.hasBegun { return .exchanging }
        return easy.time(CURLINFO_NAMELOOKUP_TIME_T) == .zero ? .resolving : .connecting
    }

    private func response() -> UpstreamResponse {
        UpstreamResponse(
            status: head.status ?? .internalServerError,
            fields: head.fields,
            body: body,
            timings: timings()
        )
    }

    /// libcurl counts from where the transfer was attached; waiting for that is part of the exchange.
    private func timings() -> UpstreamResponse.Timings {
        let waited = submittedAt.duration(to: attachedAt)
        let isReused = easy.number(CURLINFO_NUM_CONNECTS) == 0
        let secured = easy.time(CURLINFO_APPCONNECT_TIME_T)
        return UpstreamResponse.Timings(
            connected: isReused ? .zero : waited + (secured > .zero ? secured : easy.time(CURLINFO_CONNECT_TIME_T)),
            firstByte: waited + easy.time(CURLINFO_STARTTRANSFER_TIME_T),
            total: waited + easy.time(CURLINFO_TOTAL_TIME_T),
            reusedConnection: isReused
        )
    }
}

extension CurlCode.Stage {
    /// For an error's detail.
    var words: String {
        switch self {
        case .resolving: "waiting for a connection or a name"
        case .connecting: "connecting"
        case .exchanging: "waiting for the answer"
        }
    }
}
