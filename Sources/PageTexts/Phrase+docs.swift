/// What the reference, the codes and the examples say.
extension Phrase {
    package static let tryIt = Phrase("Try it", "试用")
    package static let reference = Phrase("Reference", "参考")
    package static let codes = Phrase("Codes", "错误代码")
    package static let examples = Phrase("Examples", "示例")

    package static let contractVersion = Phrase("Version {0}, drawn from", "版本 {0}，根据此文件生成：")
    package static let contents = Phrase("On this page", "本页内容")
    package static let about = Phrase("Overview", "概述")
    package static let apiKey = Phrase("API key", "API 密钥")
    package static let problemDocument = Phrase("The problem document", "问题文档")
    package static let headerFields = Phrase("Header fields of answers", "响应头")
    package static let neededRight = Phrase("The API key needs the right", "API 密钥需要的权限：")
    package static let noKeyNeeded = Phrase("No API key is needed.", "不需要 API 密钥。")
    package static let parameters = Phrase("Parameters", "参数")
    package static let body = Phrase("Body", "正文")
    package static let answers = Phrase("Answers", "响应")
    package static let problems = Phrase("Problems", "问题")
    package static let whatProblemsHave = Phrase("What a problem document has in it", "问题文档包含的内容")
    package static let headers = Phrase("Header fields:", "响应头：")
    package static let example = Phrase("Example", "示例")
    package static let exampleOf = Phrase("Example: ", "示例：")
    package static let comma = Phrase(", ", "、")

    package static let keyOfCommand = Phrase(
        "First an Idempotency-Key for this one wish. Where no answer came, run the second command again, with the same one:",
        "先为这次操作生成一个 Idempotency-Key。没有收到响应时，沿用同一个值再次运行第二条命令："
    )

    package static let required = Phrase("required", "必需")
    package static let optional = Phrase("optional", "可选")
    package static let inPath = Phrase("in the path", "路径参数")
    package static let inQuery = Phrase("in the query", "查询参数")
    package static let inHeader = Phrase("a header field", "请求头")
    package static let noOtherMembers = Phrase("There are no other members.", "没有其他成员。")
    package static let eachElement = Phrase("Each of them has:", "其中每一项包含：")
    package static let oneOf = Phrase("one of", "下列之一：")
    package static let allCodes = Phrase("All codes", "全部代码")
    package static let always = Phrase("always {0}", "总是 {0}")
    package static let between = Phrase("from {0} to {1}", "{0} 到 {1}")
    package static let atLeast = Phrase("{0} or more", "不小于 {0}")
    package static let atMost = Phrase("{0} or less", "不大于 {0}")
    package static let lengthBetween = Phrase("{0} to {1} characters", "{0} 到 {1} 个字符")
    package static let lengthExactly = Phrase("{0} characters", "{0} 个字符")
    package static let lengthAtLeast = Phrase("{0} or more characters", "至少 {0} 个字符")
    package static let lengthAtMost = Phrase("{0} characters or fewer", "最多 {0} 个字符")
    package static let elementsAtMost = Phrase("{0} or fewer of them", "最多 {0} 项")
    package static let byDefault = Phrase("default {0}", "默认为 {0}")
    package static let pattern = Phrase("pattern {0}", "模式 {0}")
    package static let forExample = Phrase("for example {0}", "例如 {0}")

    package static let copy = Phrase("Copy", "复制")
    package static let copyOf = Phrase("Copy: {0}", "复制：{0}")
    package static let copied = Phrase("Copied", "已复制")
    package static let selected = Phrase("Selected: copy it with Ctrl+C or ⌘C", "已选中：按 Ctrl+C 或 ⌘C 复制")

    package static let status = Phrase("Status", "状态码")
    package static let code = Phrase("Code", "代码")
    package static let whatHappened = Phrase("What happened", "发生了什么")
    package static let meaning = Phrase("Meaning", "含义")
    package static let whoActs = Phrase("Who must act", "由谁处理")
    package static let step = Phrase("What to do", "处理办法")
    package static let contractSays = Phrase("The contract says:", "契约中的说明：")
    package static let exampleDocument = Phrase("Example document", "示例文档")
    package static let moreOnCode = Phrase("This code in the reference", "参考中的此代码")

    package static let examplesLead = Phrase(
        "Programs to copy: each one makes an enrollment token, with nothing but what its language brings, and prints its end and its value:",
        "可直接复制的程序：每个程序只用语言自带的功能创建一个注册令牌，并输出其到期时间和值："
    )
    package static let whatTheyRead = Phrase("What they read", "程序读取的内容")
    package static let gatewayURL = Phrase(
        "Where the gateway is, without the path; off this machine with https.",
        "网关的地址，不含路径；不在本机时使用 https。"
    )
    package static let gatewayKey = Phrase(
        "An API key with the right token:create, and token:read for a value that the profile was slow to show. It belongs on no command line.",
        "具有权限 token:create 的 API 密钥；配置文件较晚才显示令牌的值时，还需要 token:read。不要把它写在命令行里。"
    )
    package static let profileOfExamples = Phrase("The profile in Intune.", "Intune 中的配置文件。")
    package static let firstArgument = Phrase(
        "How long the token is valid; without it as the gateway's configuration says.",
        "令牌的有效期（秒）；省略时采用网关的配置。"
    )
    package static let secondArgument = Phrase(
        "android-for-work or device-owner; without it as the gateway's configuration says.",
        "android-for-work 或 device-owner；省略时采用网关的配置。"
    )
    package static let exitCodes = Phrase("How they end", "退出代码")
    package static let exitCreated = Phrase("Created.", "已创建。")
    package static let exitNotCreated = Phrase(
        "Not created: the code and the detail are printed, and it is safe to try again.",
        "未创建：输出代码和详细信息，可以安全地重试。"
    )
    package static let exitUnknown = Phrase(
        "Unknown: look at the profile before you make another one.",
        "未知：再次创建之前，先查看该配置文件。"
    )
    package static let exitUsage = Phrase("Something is missing, or it was called wrongly.", "缺少设置，或调用方式有误。")
    package static let oneKeyOneWish = Phrase(
        "All of them send an Idempotency-Key, one for each wish, wait as long as Retry-After says, and do nothing twice that may have been done.",
        "所有程序为每次操作使用一个 Idempotency-Key（重试时沿用同一个），按 Retry-After 等待，并且不会重复执行可能已经完成的操作。"
    )
    package static let askingAgain = Phrase("More on asking again", "关于再次请求的更多说明")
    package static let needs = Phrase("Needs", "需要")
    package static let run = Phrase("run it as", "运行方式：")
}
