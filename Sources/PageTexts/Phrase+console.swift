/// What the console says.
extension Phrase {
    package enum Console {
        package static let title = Phrase("Console", "控制台")
        package static let onThisPage = Phrase("On this page", "本页内容")

        package static let tableOf = Phrase("Table: {0}", "表格：{0}")
        package static let colon = Phrase(": ", "：")
        package static let comma = Phrase(", ", "，")
        /// Between words that are listed.
        package static let listComma = Phrase(", ", "、")
        package static let inBrackets = Phrase(" ({0})", "（{0}）")
        package static let fullStop = Phrase(". ", "。")
        /// At the end of all.
        package static let stop = Phrase(".", "。")
        package static let blank = Phrase(" ", " ")
        /// Between two sentences.
        package static let gap = Phrase(" ", "")
        package static let seconds = Phrase("{0} s", "{0} 秒")
        package static let minutes = Phrase("{0} min", "{0} 分钟")
        package static let hours = Phrase("{0} h", "{0} 小时")
        package static let days = Phrase("{0} days", "{0} 天")

        // MARK: Reading anew

        package static let readAt = Phrase("Read at", "读取时间")
        package static let refreshesEvery = Phrase("Refreshed every {0} s", "每 {0} 秒刷新一次")
        package static let notRefreshing = Phrase("Not refreshed by itself", "不会自动刷新")
        package static let pause = Phrase("Pause", "暂停")
        package static let goOn = Phrase("Continue", "继续")
        package static let stopRefreshing = Phrase("Stop refreshing", "停止刷新")
        package static let startRefreshing = Phrase("Start refreshing", "开始刷新")
        package static let isStale = Phrase(
            "This page is out of date: it could not be read anew.",
            "本页内容已过时：无法重新读取。"
        )
        package static let tryingAgain = Phrase("Trying again.", "正在重试。")
        package static let staleFrom = Phrase("What is below is from", "以下内容来自")
        package static let ago = Phrase("{0} ago", "{0}前")
        package static let ahead = Phrase("in {0}", "{0}后")
        package static let justNow = Phrase("just now", "刚刚")

        // MARK: Status

        package static let ready = Phrase("Ready", "就绪")
        package static let degraded = Phrase("Degraded", "降级")
        package static let notReady = Phrase("Not ready", "未就绪")
        package static let readySentence = Phrase("requests are served.", "正在处理请求。")
        package static let degradedSentence = Phrase("something needs attention.", "有问题需要关注。")
        package static let notReadySentence = Phrase("callers should not be sent here.", "目前不应向此网关发送请求。")
        package static let checks = Phrase("Checks", "检查项")
        package static let whoMustAct = Phrase("Who must act", "由谁处理")
        package static let whatToDo = Phrase("What to do", "处理办法")
        package static let goodToKnow = Phrase("Good to know", "值得留意")
        package static let unexplained = Phrase("This check is not in order.", "此项检查不正常。")

        package static let checkNames: [String: Phrase] = [
            "serving": Phrase("Serving", "服务状态"),
            "access-token": Phrase("Access token", "访问令牌"),
            "permission": Phrase("Permission", "权限"),
            "credential": Phrase("Credential", "凭据"),
            "key-ring": Phrase("Key ring", "密钥环"),
            "ledger": Phrase("Ledger", "台账"),
        ]

        // MARK: Access token

        package static let accessToken = Phrase("Access token", "访问令牌")
        package static let noTokenYet = Phrase("There is no access token yet.", "还没有访问令牌。")
        package static let noToken = Phrase(
            "There is no access token that serves: Graph cannot be asked.",
            "没有可用的访问令牌：无法访问 Graph。"
        )
        package static let isFetching = Phrase("One is being fetched now.", "正在获取。")
        package static let renewalFails = Phrase(
            "The last attempt at a new one failed.",
            "上一次获取新令牌的尝试失败了。"
        )
        package static let triedAgain = Phrase("It is tried again {0}.", "将在 {0}重试。")
        package static let triedAgainNow = Phrase("It is tried again now.", "正在重试。")
        package static let fetched = Phrase("Fetched", "获取时间")
        package static let renewed = Phrase("Next renewal", "下次续订")
        package static let renewalDue = Phrase("Renewal was due", "本应续订")
        package static let ends = Phrase("Ends", "到期")
        package static let ended = Phrase("Ended", "已到期")
        package static let now = Phrase("now", "现在")
        package static let tokenTimeline = Phrase("Life of the access token", "访问令牌的有效期")
        package static let tokenTimelineText = Phrase(
            "Fetched {0}, next renewal {1}, ends {2}.",
            "获取于 {0}，下次续订在 {1}，到期在 {2}。"
        )

        // MARK: Credential

        package static let credential = Phrase("Credential", "凭据")
        package static let kind = Phrase("Kind", "类型")
        package static let origin = Phrase("Comes from", "来源")
        package static let thumbprint = Phrase("Thumbprint", "指纹")
        package static let generation = Phrase("Generation", "代次")
        package static let loaded = Phrase("{0}, read {1}", "第 {0} 代，读取于 {1}")
        package static let proven = Phrase("Entra has granted an access token for it.", "Entra 已凭它颁发过访问令牌。")
        package static let notProven = Phrase(
            "Entra has not granted an access token for it yet.",
            "Entra 尚未凭它颁发过访问令牌。"
        )
        package static let replacement = Phrase("Replacement", "替换凭据")
        package static let replacementWaits = Phrase(
            "Generation {0} was read {1} and has not been granted an access token yet.",
            "第 {0} 代读取于 {1}，尚未凭它获得访问令牌。"
        )
        package static let certificateEnds = Phrase("Certificate ends", "证书到期")
        package static let secretEnds = Phrase("Client secret ends", "客户端密码到期")
        package static let endUnknown = Phrase(
            "Not known. AZURE_CLIENT_SECRET_EXPIRES_ON has the gateway warn in time.",
            "未知。设置 AZURE_CLIENT_SECRET_EXPIRES_ON 后，网关会及时提醒。"
        )
        package static let callerCertificate = Phrase("Callers' certificate ends", "面向调用方的证书到期")
        package static let noCallerCertificate = Phrase(
            "The gateway itself speaks no TLS to callers.",
            "网关本身不对调用方使用 TLS。"
        )
        package static let daysLeft = Phrase("{0} days left", "还剩 {0} 天")
        package static let dayLeft = Phrase("1 day left", "还剩 1 天")
        package static let endsToday = Phrase("ends today", "今天到期")
        package static let hasEnded = Phrase("has ended", "已到期")
        package static let replaceIt = Phrase("replace it", "请更换")

        package static let credentialKinds: [String: Phrase] = [
            "client-secret": Phrase("Client secret", "客户端密码"),
            "client-certificate": Phrase("Client certificate", "客户端证书"),
            "workload-identity": Phrase("Workload identity federation", "工作负载标识联合"),
            "managed-identity": Phrase("Managed identity", "托管标识"),
        ]

        // MARK: Foot

        /// After the product and its version.
        package static let started = Phrase(", started", "，启动于")
        package static let changesNothing = Phrase("This page shows, and changes nothing.", "本页仅供查看，不做任何更改。")
    }
}
