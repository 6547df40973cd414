import Foundation

/// One block of a PEM file (RFC 7468), with the older head fields that OpenSSL writes for encrypted keys.
package struct PEMBlock {
    package let label: String
    /// The whole block, boundaries included.
    package let text: String
    private let head: [Substring]
    private let body: String

    /// All blocks of `text`, in order. What stands between them is skipped, as `openssl pkcs12` writes it; a block without an
    /// end is none.
    package static func all(in text: String) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var open: (label: String, lines: [Substring])?
        // Empty lines are kept: one ends the head of an encrypted key.
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let line = line.trimmingSuffixWhitespace
            if let label = line.between("-----BEGIN ", "-----") {
                open = (String(label), [line])
            } else if let label = line.between("-----END ", "-----"), var block = open {
                block.lines.append(line)
                if label == block.label { blocks.append(PEMBlock(label: block.label, lines: block.lines)) }
                open = nil
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    private init(label: String, lines: [Substring]) {
        self.label = label
        text = lines.joined(separator: "\n") + "\n"
        let inner = lines.dropFirst().dropLast()
        head = inner.filter { $0.contains(":") }
        body = inner.filter { !$0.contains(":") }.joined()
    }

    package var isCertificate: Bool { label == "CERTIFICATE" || label == "X509 CERTIFICATE" }
    package var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }
    /// PKCS#8 says it in the label, the older form in its head (RFC 1421 §4.6.1.1).
    package var isEncrypted: Bool {
        label == "ENCRYPTED PRIVATE KEY" || head.contains { $0.hasPrefix("Proc-Type:") && $0.hasSuffix("ENCRYPTED") }
    }

    /// What the base64 stands for.
    package var der: [UInt8]? { Data(base64Encoded: body).map(Array.init) }
}

extension Substring {
    fileprivate var trimmingSuffixWhitespace: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    fileprivate func between(_ prefix: String, _ suffix: String) -> Substring? {
        guard hasPrefix(prefix), hasSuffix(suffix), count > prefix.count + suffix.count else { return nil }
        return dropFirst(prefix.count).dropLast(suffix.count)
    }
}
