/// What the console says of the key ring and of what has a limit.
extension Phrase.Console {
    package static let keyRing = Phrase("Key ring", "密钥环")
    package static let keyRingEmpty = Phrase(
        "There is no key: all callers are refused.",
        "没有任何密钥：所有调用方都会被拒绝。"
    )
    package static let usesSinceStart = Phrase(
        "Last use and counts are this gateway's own, since it started {0}; other replicas have theirs.",
        "最近使用时间和次数只计入本网关启动（{0}）以来的请求；其他副本各自统计。"
    )
    package static let ringLoaded = Phrase("Generation {0} of the ring, read {1}.", "密钥环第 {0} 代，读取于 {1}。")

    package static let caller = Phrase("Caller", "调用方")
    package static let keyID = Phrase("Key id", "密钥 ID")
    package static let state = Phrase("State", "状态")
    package static let keyEnds = Phrase("Ends", "到期")
    package static let lastUsed = Phrase("Last used", "最近使用")
    package static let requestsOfHour = Phrase("Requests, 1\u{A0}h", "请求数（1 小时）")
    package static let refusalsOfHour = Phrase("Refused, 1\u{A0}h", "拒绝数（1 小时）")
    package static let rights = Phrase("Rights", "权限")
    package static let profiles = Phrase("Profiles", "配置文件")
    package static let rate = Phrase("Rate", "速率")
    package static let created = Phrase("Created", "创建时间")

    package static let live = Phrase("live", "有效")
    package static let ending = Phrase("near its end", "即将到期")
    package static let notYetValid = Phrase("not valid yet", "尚未生效")
    package static let expired = Phrase("expired", "已到期")
    package static let revokedKey = Phrase("revoked", "已吊销")
    package static let stillUsed = Phrase("still used", "仍在使用")
    package static let keyCounts = Phrase("Keys by state", "各状态的密钥数")
    package static let validFrom = Phrase("begins {0}", "{0}生效")

    package static let never = Phrase("never", "从不")
    package static let notUsed = Phrase("not yet", "尚未")
    package static let noRate = Phrase("none", "无")
    package static let burst = Phrase("{0}, burst {1}", "{0}，突发 {1}")
    package static let allRights = Phrase("all", "全部")
    package static let allProfiles = Phrase("all", "全部")
    package static let profileCount = Phrase("{0} profiles", "{0} 个")
    package static let profileCountOne = Phrase("1 profile", "1 个")
    package static let andMore = Phrase("and {0} more", "另有 {0} 个")
    package static let whereAllProfilesAre = Phrase(
        "All profiles of a key: `enrollment-gateway keys list --json`.",
        "查看密钥的全部配置文件：`enrollment-gateway keys list --json`。"
    )
    package static let onlyKinds = Phrase("kind {0}", "类型 {0}")
    package static let validityBound = Phrase("for {0} at most", "有效期最长 {0}")

    package static let pageOf = Phrase("Page {0} of {1}", "第 {0} 页，共 {1} 页")
    package static let previousPage = Phrase("Previous", "上一页")
    package static let nextPage = Phrase("Next", "下一页")
    package static let keyPages = Phrase("Pages of the key ring", "密钥环分页")

    // MARK: Limits

    package static let limits = Phrase("Pacing and limits", "发送节奏与限制")
    package static let closed = Phrase(
        "Graph asked for a pause: nothing is sent for another {0}.",
        "Graph 要求暂停：接下来的 {0}内不发送任何请求。"
    )
    package static let sharedLimit = Phrase(
        "The limit of writes is shared with the other gateways on this ledger. What they send, and a pause that Graph asked of them, shows here only by the writes that wait.",
        "写入限制由使用同一台账的所有网关共享。其他网关发送的写入，以及 Graph 要求它们的暂停，在这里只表现为等待中的写入。"
    )
    package static let valueOfLimit = Phrase("{0} of {1}", "{0} / {1}")
    package static let nearLimit = Phrase("near its limit", "接近上限")
    package static let atLimit = Phrase("at its limit", "已达上限")
    package static let noneLeft = Phrase("none left: writes wait", "已用完：写入在等待")

    package static let gauges: [String: Phrase] = [
        "inFlight": Phrase("Requests being answered", "正在处理的请求"),
        "connections": Phrase("Callers' connections", "调用方的连接"),
        "upstream": Phrase("Requests to Microsoft", "发往微软的请求"),
        "pacing": Phrase("Writes that may leave now", "可立即发送的写入"),
        "waitingForTurn": Phrase("Waiting for their profile's turn", "等待轮到其配置文件"),
        "waitingForPacing": Phrase("Waiting for the pacing", "等待发送节奏"),
        "ledgerBacklog": Phrase("Records to be written", "等待写入的台账记录"),
        "unsettled": Phrase("Outcomes being found out", "正在查明结果的台账记录"),
    ]
}
