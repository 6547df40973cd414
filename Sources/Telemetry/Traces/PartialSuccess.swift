import Foundation
import NIOCore

/// What a collector has to say of a batch that it took (OTLP specification, "Partial Success"). Its words are not read: see
/// ``ExportReport``.
struct PartialSuccess: Equatable {
    /// Spans that it did not take.
    var rejected = 0

    init() {}

    /// Reads the body of a 200; one that cannot be read says nothing.
    init(_ body: ByteBuffer) {
        guard body.readableBytes > 0,
            let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)),
            let partial = answer.partialSuccess
        else { return }
        rejected = max(0, partial.rejectedSpans?.value ?? 0)
    }

    private struct Answer: Decodable {
        var partialSuccess: Partial?
    }

    private struct Partial: Decodable {
        var rejectedSpans: Number?
    }

    /// 64-bit numbers are strings in Protobuf's JSON, and may be numbers.
    private struct Number: Decodable {
        var value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                value = number
            } else {
                value = Int(try container.decode(String.self)) ?? 0
            }
        }
    }
}
