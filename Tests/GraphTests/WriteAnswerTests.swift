import HTTPTypes
import NIOCore
import Testing
import Transport

@testable import Graph

@Suite("WriteAnswer")
struct WriteAnswerTests {
    /// Every status, by what it says of the one request.
    static let statuses: [(codes: [Int], meaning: String)] = [
        ([204], "done"),
        ([401], "unauthorized"),
        ([403], "forbidden"),
        ([429], "throttled"),
        ([404], "refused profileNotFound"),
        ([409, 412], "refused conflict"),
        ([400, 422], "refused refused"),
        (
            Array(300...399) + [402, 405, 406, 407, 410, 411] + Array(413...421) + Array(423...428) + Array(430...499),
            "refused failed"
        ),
        ([101, 200, 201, 202, 203, 205, 206, 299, 408] + Array(500...599), "ambiguous"),
    ]

    @Test("a status means one thing, also when only the head came", arguments: statuses)
    func status(codes: [Int], meaning: String) {
        for code in codes {
            #expect(WriteAnswer(.success(.status(code))).meaning == meaning, "\(code)")
            for kind in TransportError.Kind.allCases {
                let error = TransportError(kind, delivery: .unknown, detail: "", status: .init(code: code))
                #expect(WriteAnswer(.failure(error)).meaning == meaning, "\(code), then \(kind)")
            }
        }
    }

    @Test("the table of statuses leaves out none from 300 to 599")
    func completeness() {
        #expect(Set(300...599).isSubset(of: Set(Self.statuses.flatMap(\.codes))))
    }

    @Test("without a head, whatever may have been delivered is ambiguous", arguments: TransportError.Kind.allCases)
    func unknownDelivery(kind: TransportError.Kind) {
        let answer = WriteAnswer(.failure(TransportError(kind, delivery: .unknown, detail: "")))
        #expect(answer.meaning == "ambiguous")
    }

    @Test(
        "what provably was not sent may be sent again, unless we ourselves stopped it",
        arguments: TransportError.Kind.allCases,
        [TransportError.Delivery.notSent, .refused]
    )
    func notDelivered(kind: TransportError.Kind, delivery: TransportError.Delivery) {
        let answer = WriteAnswer(.failure(TransportError(kind, delivery: delivery, detail: "")))
        let expected =
            switch kind {
            case .overloaded: "refused overloaded"
            case .cancelled, .unavailable: "refused unavailable"
            case .internal: "refused failed"
            default: "notSent"
            }
        #expect(answer.meaning == expected)
    }

    @Test("a 204 brings Graph's id and time, where they are fit to be shown")
    func createdFields() {
        let fields: HTTPFields = [.graphRequestID: "abc-1", .date: "Sun, 06 Nov 1994 08:49:37 GMT"]
        guard case .done(let id, let date) = WriteAnswer(.success(.status(204, fields))) else {
            Issue.record("not created")
            return
        }
        #expect(id == "abc-1")
        #expect(date == Timestamp(secondsSince1970: 784_111_777))
        guard case .done(nil, nil) = WriteAnswer(.success(.status(204, [.graphRequestID: "a b", .date: "today"])))
        else {
            Issue.record("unfit fields were passed on")
            return
        }
    }
}

extension WriteAnswer {
    fileprivate var meaning: String {
        switch self {
        case .done: "done"
        case .refused(let kind, _): "refused \(kind.label)"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .throttled: "throttled"
        case .notSent: "notSent"
        case .ambiguous: "ambiguous"
        }
    }
}
