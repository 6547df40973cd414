/// Lays a JSON text out for people.
package enum JSONLayout {
    /// Two spaces for each level and a member to a line; what holds nothing but texts and numbers in an array stays on one line.
    ///
    /// - Parameter text: valid JSON without white space between its tokens.
    package static func indented(_ text: String) -> String {
        var result: [UInt8] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        let bytes = Array(text.utf8)
        var flatArrayEnd: Int?

        func breakLine() {
            result.append(0x0A)
            result += [UInt8](repeating: 0x20, count: depth * 2)
        }

        for (index, byte) in bytes.enumerated() {
            if isInString {
                result.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                result.append(byte)
            case UInt8(ascii: "["):
                flatArrayEnd = flatEnd(of: bytes, from: index + 1)
                result.append(byte)
                if flatArrayEnd == nil {
                    depth += 1
                    breakLine()
                }
            case UInt8(ascii: "]") where flatArrayEnd == index:
                flatArrayEnd = nil
                result.append(byte)
            case UInt8(ascii: "{"):
                result.append(byte)
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "}") { continue }
                depth += 1
                breakLine()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if result.last != UInt8(ascii: "{") {
                    depth -= 1
                    breakLine()
                }
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                if flatArrayEnd == nil { breakLine() } else { result.append(0x20) }
            case UInt8(ascii: ":"):
                result += [byte, 0x20]
            default:
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where an array ends that holds no other array and no object; `nil` for one that does.
    private static func flatEnd(of bytes: [UInt8], from begin: Int) -> Int? {
        var isInString = false
        var isEscaped = false
        for index in begin..<bytes.count {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): return nil
                case UInt8(ascii: "]"): return index
                default: break
                }
            }
        }
        return nil
    }
}
