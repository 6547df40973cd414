import PageTexts

extension TryItPage {
    /// What the scripts say, by the names that they use.
    static let scriptPhrases: [(name: String, phrase: Phrase)] = [
        ("asking", .asking), ("stillAsking", .stillAsking),
        ("answered", .answered), ("notAnswered", .notAnswered), ("took", .took), ("copy", .copy), ("copyOf", .copyOf),
        ("asCommand", .asCommand),
        ("keyMissing", .keyMissing), ("keyOdd", .keyOdd), ("idMissing", .idMissing),
        ("profileMissing", .profileMissing), ("profileUnchosen", .profileUnchosen),
        ("validityOdd", .validityOdd),
        ("loading", .loading), ("loaded", .loaded), ("loadedSome", .loadedSome), ("loadedPart", .loadedPart),
        ("noProfiles", .noProfiles), ("notLoaded", .notLoaded), ("mayNotList", .mayNotList), ("choose", .choose),
        ("loadFirst", .loadFirst),
        ("minted", .minted), ("present", .present), ("revoked", .revoked), ("revokedNote", .revokedNote),
        ("noneNote", .noneNote), ("expiredNote", .expiredNote), ("valueNotShown", .valueNotShown),
        ("pending", .pending), ("pendingRefused", .pendingRefused), ("stillPending", .stillPending),
        ("pendingLater", .pendingLater), ("pendingLost", .pendingLost), ("pendingForeign", .pendingForeign),
        ("otherShown", .otherShown), ("replaced", .replaced), ("replayed", .replayed),
        ("pictureName", .pictureName), ("noPicture", .noPicture), ("noPictureRight", .noPictureRight),
        ("noPictureLost", .noPictureLost), ("noPictureForeign", .noPictureForeign), ("pictureLater", .pictureLater),
        ("state-active", .stateActive), ("state-expiring", .stateExpiring), ("state-expired", .stateExpired),
        ("state-none", .stateNone), ("state-revoked", .stateRevoked), ("state-replaced", .stateReplaced),
        ("endsIn", .endsIn), ("days", .days),
        ("factProfile", .profile), ("factKind", .kind), ("factCreated", .created), ("factEnds", .ends),
        ("factGraph", .graphRequest), ("factGraphCode", .graphCode), ("factReplayed", .repetition),
        ("factStatus", .status), ("factCode", .code), ("factOutcome", .outcome), ("factMember", .member),
        ("factRetry", .retryAfter), ("factRequest", .requestID), ("factText", .answerText),
        ("lostHeading", .lostHeading), ("lostDetail", .lostDetail), ("foreignHeading", .foreignHeading),
        ("foreignDetail", .foreignDetail), ("unknownWithKey", .unknownWithKey),
        ("unknownWithoutKey", .unknownWithoutKey),
        ("waitFor", .waitFor), ("askNow", .askNow),
    ]
}
