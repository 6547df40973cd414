extension String {
    /// What an explanation says before it goes into details: up to its first full stop, colon or semicolon, in English or Chinese.
    var firstClause: String {
        for index in indices {
            switch self[index] {
            case "。", "：", "；": return String(self[..<index])
            case ".", ":", ";":
                // Not those inside of a name.
                let next = self.index(after: index)
                if next == endIndex || self[next] == " " { return String(self[..<index]) }
            default: continue
            }
        }
        return self
    }
}
