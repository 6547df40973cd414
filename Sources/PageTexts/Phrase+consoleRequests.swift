/// What the console says of the requests that were answered.
extension Phrase.Console {
    // MARK: The last hour

    package static let lastHour = Phrase("The last hour", "最近一小时")
    package static let noRequests = Phrase("Nothing was asked in the last hour.", "最近一小时没有请求。")
    package static let asTable = Phrase("The same as a table", "以表格显示")
    package static let minute = Phrase("Minute (UTC)", "分钟（UTC）")

    package static let requestsPerMinute = Phrase("Requests per minute", "每分钟请求数")
    package static let succeeded = Phrase("succeeded", "成功")
    package static let refused = Phrase("refused", "拒绝")
    package static let failed = Phrase("failed", "失败")
    package static let requestsGist = Phrase(
        "Requests in the last hour: {0} ({1} succeeded, {2} refused, {3} failed). At most {4} in a minute, at {5}. In the present minute {6}.",
        "最近一小时共 {0} 个请求（成功 {1}，拒绝 {2}，失败 {3}）。每分钟最多 {4} 个，在 {5}。本分钟 {6} 个。"
    )

    package static let outcomes = Phrase("Creations and revocations by outcome", "创建与吊销的结果")
    package static let createdTokens = Phrase("created", "已创建")
    package static let revokedTokens = Phrase("revoked", "已吊销")
    package static let notDone = Phrase("not done", "未执行")
    package static let unknown = Phrase("unknown", "未知")
    package static let outcomesGist = Phrase(
        "In the last hour {0} created, {1} revoked, {2} not done, {3} unknown. In the present minute {4} in all.",
        "最近一小时：已创建 {0}，已吊销 {1}，未执行 {2}，未知 {3}。本分钟共 {4}。"
    )

    package static let latency = Phrase("Latency of answers", "响应延迟")
    package static let median = Phrase("median", "中位数")
    package static let high = Phrase("95th percentile", "第 95 百分位（P95）")
    package static let latencyGist = Phrase(
        "The worst minute, at {0}: median {1}, 95th percentile {2}. The last minute with an answer: median {3}, 95th percentile {4}.",
        "最慢的一分钟在 {0}：中位数 {1}，第 95 百分位 {2}。最近有响应的一分钟：中位数 {3}，第 95 百分位 {4}。"
    )
    package static let noLatency = Phrase(
        "Every request of the last hour was refused by the gateway itself.",
        "最近一小时的所有请求都被网关自身拒绝。"
    )

    // MARK: The last requests

    package static let lastRequests = Phrase("The last {0} requests", "最近 {0} 个请求")
    package static let lastRequestsShort = Phrase("Last requests", "最近的请求")
    package static let noneYet = Phrase("Nothing was asked since the gateway started.", "网关启动以来没有请求。")
    package static let keptInMemory = Phrase(
        "The newest first, in memory alone; at most {0} without a known key, where callers' own fill the rest. Opening one shows its steps. The ledger keeps creations and revocations: `enrollment-gateway audit`.",
        "最新的在前，仅保存在内存中；调用方的请求足够多时，没有已知密钥的请求最多占 {0} 个。打开某个请求可查看其步骤。创建与吊销记录在台账中：`enrollment-gateway audit`。"
    )
    package static let time = Phrase("Time (UTC)", "时间（UTC）")
    package static let request = Phrase("Request", "请求")
    package static let profile = Phrase("Profile", "配置文件")
    package static let outcome = Phrase("Outcome", "结果")
    package static let code = Phrase("Code", "代码")
    package static let status = Phrase("Status", "状态码")
    package static let duration = Phrase("Duration", "耗时")
    package static let noRoute = Phrase("no path of the API", "不是 API 的路径")
    package static let noHead = Phrase("unreadable head", "请求头无法读取")

    package static let outcomeNames: [String: Phrase] = [
        "created": Phrase("created", "已创建"),
        "revoked": Phrase("revoked", "已吊销"),
        "reused": Phrase("present one given", "沿用现有令牌"),
        "not-created": Phrase("not created", "未创建"),
        "not-revoked": Phrase("not revoked", "未吊销"),
        "unknown": Phrase("unknown", "未知"),
        "running": Phrase("not known yet", "尚未得知"),
    ]

    package static let answeredAgain = Phrase("(of an earlier request)", "（先前请求的结果）")

    // MARK: One request

    package static let requestNumber = Phrase("Request {0}", "请求 {0}")
    package static let backToConsole = Phrase("Console", "控制台")
    package static let facts = Phrase("Facts", "基本情况")
    package static let requestID = Phrase("Request id", "请求 ID")
    package static let recordID = Phrase("Ledger record", "台账记录")
    package static let lookUp = Phrase("To look it up, where LEDGER_URL is set:", "在设置了 LEDGER_URL 的环境中查找：")
    package static let noRecord = Phrase("none", "无")
    package static let noProfile = Phrase("none", "无")
    package static let noCaller = Phrase("no key of the ring", "不是密钥环中的密钥")
    package static let singleKey = Phrase("the one of API_KEY", "API_KEY 中的密钥")
    package static let remarks = Phrase("Remarks", "备注")
    package static let replay = Phrase(
        "It was told what an earlier request with its Idempotency-Key came to; nothing was sent for this one.",
        "返回的是使用同一 Idempotency-Key 的先前请求的结果；没有为本次请求发送写入。"
    )
    package static let callerLeft = Phrase(
        "The caller hung up before its answer was ready.",
        "响应就绪之前，调用方已断开连接。"
    )

    package static let meaning = Phrase("What it means", "含义")
    package static let meansDone = Phrase("It was done as it was asked.", "已按要求完成。")
    package static let meansCreated = Phrase("An enrollment token was created.", "已创建注册令牌。")
    package static let meansRevoked = Phrase("The enrollment token was revoked.", "已吊销注册令牌。")
    package static let meansReused = Phrase(
        "The present enrollment token was valid for long enough and was given; none was created.",
        "现有注册令牌的剩余有效期足够长，因此直接返回，没有新建。"
    )
    package static let meansFound = Phrase(
        "Graph did not confirm it; reading the profile did.",
        "Graph 的响应没有确认这一点；读取配置文件后得到了确认。"
    )
    package static let meansUnknown = Phrase("The gateway has no explanation of this code.", "网关没有此代码的说明。")

    package static let steps = Phrase("Steps", "步骤")
    package static let stepsGist = Phrase(
        "Waits: {0}, requests to Graph: {1}, within {2}.",
        "{2} 内：等待 {0} 次，请求 Graph {1} 次。"
    )
    package static let noSteps = Phrase(
        "It waited for nothing and asked nothing of Graph: the gateway answered by itself.",
        "没有等待，也没有访问 Graph：由网关自行响应。"
    )
    package static let step = Phrase("Step", "步骤")
    package static let begins = Phrase("Begins", "开始")
    package static let answer = Phrase("Answer", "响应")
    package static let graphRequestID = Phrase("Graph request id", "Graph 请求 ID")
    package static let clientRequestID = Phrase("client-request-id", "client-request-id")
    package static let noAnswer = Phrase("no answer", "无响应")
    package static let waited = Phrase("waited", "等待")

    package static let waits: [String: Phrase] = [
        "turn": Phrase("Wait for the profile's turn", "等待轮到该配置文件"),
        "pacing": Phrase("Wait for the pacing", "等待发送节奏"),
        "access-token": Phrase("Wait for an access token", "等待访问令牌"),
        "pause": Phrase("Pause before the next attempt", "下一次尝试前的停顿"),
        "ledger": Phrase("Write to the ledger", "写入台账"),
    ]
    package static let operations: [String: Phrase] = [
        "create-token": Phrase("Create the enrollment token", "创建注册令牌"),
        "revoke-token": Phrase("Revoke the enrollment token", "吊销注册令牌"),
        "read-profile": Phrase("Read the profile", "读取配置文件"),
        "list-profiles": Phrase("List the profiles", "列出配置文件"),
    ]
    package static let purposes: [String: Phrase] = [
        "send": Phrase("to change it", "执行更改"),
        "retry": Phrase("once more", "再次尝试"),
        "baseline": Phrase("to know what was there before", "了解更改前的状态"),
        "read-back": Phrase("to know whether it was done", "确认是否已完成"),
        "representation": Phrase("to show what was created", "展示所创建的内容"),
        "read": Phrase("because the caller asked", "应调用方请求"),
    ]

    package static let gone = Phrase("This request is not kept", "未保留此请求")
    package static let goneText = Phrase(
        "It is no longer among the last {0}, or never was. The ledger keeps creations and revocations: `enrollment-gateway audit`.",
        "它已不在最近 {0} 个请求之列，或从未存在。创建与吊销记录在台账中：`enrollment-gateway audit`。"
    )
}
