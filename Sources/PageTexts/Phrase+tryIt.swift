/// What the try-it page says; what its scripts say is in the second half.
extension Phrase {
    package static let tryItLead = Phrase(
        "Make an enrollment token with your own API key and see what is sent and what comes back.",
        "用自己的 API 密钥创建注册令牌，查看发送和返回的内容。"
    )
    package static let needsScript = Phrase(
        "This page needs JavaScript. These pages do not:",
        "此页面需要 JavaScript。以下页面不需要："
    )
    package static let sandboxHint = Phrase(
        "This gateway runs with a sandbox as its tenant: no real enrollment token is made. The API key is",
        "此网关以沙盒作为租户：不会创建真实的注册令牌。API 密钥是"
    )
    package static let useSandboxKey = Phrase("Use this key", "使用此密钥")
    package static let yourKey = Phrase("Your key", "密钥")
    package static let showKey = Phrase("Show key", "显示密钥")
    package static let keyHint = Phrase(
        "It stays in this page and is gone when you leave it.",
        "密钥只保留在此页面中，离开后即消失。"
    )
    package static let loadProfiles = Phrase("Load profiles", "加载配置文件")
    package static let theProfile = Phrase("The profile", "配置文件")
    package static let profile = Phrase("Profile", "配置文件")
    package static let giveID = Phrase("Give the profile's id instead", "改为填写配置文件的 ID")
    package static let profileID = Phrase("Profile id", "配置文件 ID")
    package static let kind = Phrase("Kind", "类型")
    package static let theToken = Phrase("The enrollment token", "注册令牌")
    package static let validity = Phrase("Valid for", "有效期")
    package static let oneHour = Phrase("1 hour", "1 小时")
    package static let oneDay = Phrase("1 day", "1 天")
    package static let sevenDays = Phrase("7 days", "7 天")
    package static let thirtyDays = Phrase("30 days", "30 天")
    package static let inSeconds = Phrase("In seconds", "秒数")
    package static let validityHint = Phrase(
        "Empty: as long as the gateway's configuration says.",
        "留空：采用网关的配置。"
    )
    package static let mint = Phrase("Make a token", "创建令牌")
    package static let showPresent = Phrase("Show the present token", "显示当前令牌")
    package static let mintReplaces = Phrase(
        "A new token takes the place of the one that the profile shows. Devices that are already enrolled are not touched.",
        "新令牌会取代配置文件当前显示的令牌。已注册的设备不受影响。"
    )
    package static let scanIt = Phrase(
        "A new device scans this. Who sees it can enroll a device.",
        "由新设备扫描。看到它的人都可以注册设备。"
    )
    package static let value = Phrase("Value", "值")
    package static let valueIsSecret = Phrase("A secret: who has it can enroll devices.", "这是机密：持有它的人可以注册设备。")
    package static let revoke = Phrase("Revoke…", "吊销…")
    package static let revokeQuestion = Phrase(
        "Revoke the token that this profile shows now? No device can be enrolled with it any more; that cannot be undone.",
        "要吊销此配置文件当前显示的令牌吗？之后任何设备都无法再用它注册，且无法撤消。"
    )
    package static let revokeConfirm = Phrase("Revoke it", "吊销")
    package static let revokeCancel = Phrase("Keep it", "保留")
    package static let asking = Phrase("The gateway is being asked…", "正在请求网关…")
    package static let stillAsking = Phrase("No answer yet after {0} s.", "{0} 秒后仍无响应。")
    package static let tryAgain = Phrase("Try again", "重试")
    package static let problem = Phrase("Problem", "问题")
    package static let askAgain = Phrase("Ask again", "再次请求")
    package static let whatWasCalled = Phrase("What happened", "请求记录")
    package static let nothingYet = Phrase(
        "Each request is listed here, with what came back and as a command to copy.",
        "每个请求都会列在这里，包括返回的内容和可复制的命令。"
    )

    // What the scripts say.

    package static let answered = Phrase("answered {0}", "响应 {0}")
    package static let notAnswered = Phrase("no answer", "没有响应")
    package static let took = Phrase("after {0} ms", "用时 {0} ms")
    package static let asCommand = Phrase("As a command", "命令形式")

    package static let keyMissing = Phrase("Fill in your API key.", "请填写 API 密钥。")
    package static let keyOdd = Phrase(
        "There is a character in it that no API key has: a blank, a line break or a letter with an accent.",
        "其中含有 API 密钥不会有的字符：空格、换行或非 ASCII 字符。"
    )
    package static let idMissing = Phrase("Fill in the profile's id.", "请填写配置文件的 ID。")
    package static let profileMissing = Phrase(
        "Load the profiles and choose one, or give its id.",
        "请先加载并选择配置文件，或填写其 ID。"
    )
    package static let profileUnchosen = Phrase("Choose a profile.", "请选择配置文件。")
    package static let validityOdd = Phrase("Fill in a whole number of seconds, or nothing.", "请填写整数秒，或留空。")

    package static let loading = Phrase("Loading…", "正在加载…")
    package static let loaded = Phrase("Profiles: {0}", "配置文件：{0} 个")
    package static let loadedSome = Phrase(
        "Profiles: {0}. There are more; give the id of one that is not in the list.",
        "配置文件：{0} 个。还有更多；若不在列表中，请填写其 ID。"
    )
    package static let loadedPart = Phrase(
        "Profiles: {0}. The list is incomplete, since the rest could not be loaded: {1}.",
        "配置文件：{0} 个。列表不完整，其余的无法加载：{1}。"
    )
    package static let noProfiles = Phrase("This key is for no profile that the tenant has.", "租户中没有此密钥可用的配置文件。")
    package static let notLoaded = Phrase("They could not be loaded.", "无法加载。")
    package static let mayNotList = Phrase(
        "This key may not list profiles (right profile:read). Give the profile's id.",
        "此密钥不能列出配置文件（权限 profile:read）。请填写配置文件的 ID。"
    )
    package static let choose = Phrase("Choose a profile", "选择配置文件")
    package static let loadFirst = Phrase("Load the profiles first", "请先加载配置文件")

    package static let minted = Phrase("The token was made", "令牌已创建")
    package static let present = Phrase("The present token", "当前令牌")
    package static let revoked = Phrase("The token was revoked", "令牌已吊销")
    package static let revokedNote = Phrase(
        "No device can be enrolled with it any more. Devices that are already enrolled are not touched.",
        "任何设备都无法再用它注册。已注册的设备不受影响。"
    )
    package static let noneNote = Phrase(
        "The profile has none: none was made, or it was revoked.",
        "该配置文件没有令牌：尚未创建，或已吊销。"
    )
    package static let expiredNote = Phrase("It has ended. Make a new one.", "令牌已到期。请创建新令牌。")
    package static let valueNotShown = Phrase(
        "The profile does not show its value at the moment. Ask again a little later.",
        "该配置文件目前没有显示令牌的值。请稍后再次请求。"
    )
    package static let pending = Phrase(
        "The profile does not show its value yet. It is being read again.",
        "该配置文件尚未显示令牌的值。正在重新读取。"
    )
    package static let stillPending = Phrase(
        "The profile still does not show its value. Ask for the present token a little later.",
        "该配置文件仍未显示令牌的值。请稍后显示当前令牌。"
    )
    package static let otherShown = Phrase(
        "The profile shows a value, and it cannot be told that it is this token's: perhaps it is that of the one before, or of one that was made since.",
        "该配置文件显示了一个值，但无法确认它属于此令牌：它可能属于之前的令牌，也可能属于之后创建的令牌。"
    )
    package static let pendingRefused = Phrase(
        "The profile did not show its value in time, and reading it again failed: {0}",
        "该配置文件未及时显示令牌的值，重新读取也失败了：{0}"
    )
    package static let pendingLater = Phrase(
        "The profile does not show its value yet ({0}). It is read again in {1} s.",
        "该配置文件尚未显示令牌的值（{0}）。{1} 秒后重新读取。"
    )
    package static let pendingLost = Phrase(
        "The token was made. No answer came when its value was read: the connection failed or took too long.",
        "令牌已创建。读取它的值时没有收到响应：连接失败或等待时间过长。"
    )
    package static let pendingForeign = Phrase(
        "The token was made. When its value was read, something on the way answered in the gateway's place, such as a proxy.",
        "令牌已创建。读取它的值时，途中的其他设备（例如代理）代替网关作出了响应。"
    )
    package static let replaced = Phrase(
        "It was made, and is no longer what the profile shows: another one was made since, or it was revoked.",
        "令牌已创建，但已不是配置文件当前显示的令牌：之后又创建了新令牌，或它已被吊销。"
    )
    package static let replayed = Phrase(
        "this is the answer to the first request with this Idempotency-Key",
        "这是使用此 Idempotency-Key 的第一个请求的响应"
    )
    package static let pictureName = Phrase("QR code of the enrollment token", "注册令牌的二维码")
    package static let noPicture = Phrase("There is no QR code to show: {0}.", "没有可显示的二维码：{0}。")
    package static let noPictureRight = Phrase(
        "The QR code cannot be drawn: this key lacks the right token:read.",
        "无法绘制二维码：此密钥没有权限 token:read。"
    )
    package static let noPictureLost = Phrase(
        "The QR code did not come: the connection failed or took too long.",
        "没有收到二维码：连接失败或等待时间过长。"
    )
    package static let noPictureForeign = Phrase(
        "The QR code did not come: something on the way answered in the gateway's place, such as a proxy.",
        "没有收到二维码：途中的其他设备（例如代理）代替网关作出了响应。"
    )
    package static let pictureLater = Phrase(
        "The QR code is not there yet ({0}). It is asked for again in {1} s.",
        "二维码尚未就绪（{0}）。{1} 秒后再次请求。"
    )

    package static let stateActive = Phrase("In force", "有效")
    package static let stateExpiring = Phrase("Ends soon", "即将到期")
    package static let stateExpired = Phrase("Ended", "已到期")
    package static let stateNone = Phrase("None", "无令牌")
    package static let stateReplaced = Phrase("Replaced", "已被取代")
    package static let stateRevoked = Phrase("Revoked", "已吊销")
    package static let endsIn = Phrase("for {0} more", "剩余 {0}")
    package static let days = Phrase("{0} d {1}", "{0} 天 {1}")

    package static let created = Phrase("Made", "创建时间")
    package static let ends = Phrase("Ends", "到期时间")
    package static let graphRequest = Phrase("Graph's request id", "Graph 的请求 ID")
    package static let graphCode = Phrase("Graph's code", "Graph 的代码")
    package static let repetition = Phrase("Repetition", "重复请求")
    package static let outcome = Phrase("Outcome", "结果")
    package static let member = Phrase("Which input", "相关输入")
    package static let retryAfter = Phrase("Ask again after, in seconds", "再次请求前等待（秒）")
    package static let requestID = Phrase("Request id", "请求 ID")
    package static let answerText = Phrase("What was answered", "响应内容")

    package static let lostHeading = Phrase("No answer came", "没有收到响应")
    package static let lostDetail = Phrase(
        "The connection failed or ended before the whole answer was here, or it took too long.",
        "连接失败、在收到完整响应之前中断，或等待时间过长。"
    )
    package static let foreignHeading = Phrase("An answer that is not the gateway's", "不是网关的响应")
    package static let foreignDetail = Phrase(
        "Something on the way answered in its place (status {0}), such as a proxy.",
        "途中的其他设备（例如代理）代替网关作出了响应（状态码 {0}）。"
    )
    package static let unknownWithKey = Phrase(
        "It is not known whether it was done. Ask again: with the same Idempotency-Key it is done once and no more.",
        "不知道请求是否已执行。请再次请求：使用同一个 Idempotency-Key，它只会执行一次。"
    )
    package static let unknownWithoutKey = Phrase(
        "It is not known whether it was done. Look at the present token before you do it again.",
        "不知道请求是否已执行。再次操作之前，先查看当前令牌。"
    )
    package static let waitFor = Phrase("Asking again makes sense in {0} s.", "{0} 秒后可以再次请求。")
    package static let askNow = Phrase("Asking again makes sense now.", "现在可以再次请求。")
}
