import PageTexts
import Pages

/// What a person fills in: key, profile, validity.
extension TryItPage {
    func form(to html: inout HTMLWriter) {
        html.element("section", ["aria-labelledby": "key-heading"]) { section in
            section.element("h2", ["id": "key-heading"], Phrase.yourKey[language])
            key(to: &section)
        }
        html.element("section", ["aria-labelledby": "profile-heading"]) { section in
            section.element("h2", ["id": "profile-heading"], Phrase.theProfile[language])
            profile(to: &section)
        }
        html.element("section", ["aria-labelledby": "token-heading"]) { section in
            section.element("h2", ["id": "token-heading"], Phrase.theToken[language])
            validity(to: &section)
            section.element("p", ["class": "buttons"]) { buttons in
                buttons.element("button", ["type": "button", "id": "mint", "data-action": ""], Phrase.mint[language])
                buttons.element(
                    "button",
                    ["type": "button", "id": "show-token", "class": "second", "data-action": ""],
                    Phrase.showPresent[language]
                )
            }
            section.element("p", ["class": "quiet"], Phrase.mintReplaces[language])
        }
    }

    private func key(to html: inout HTMLWriter) {
        html.element("label", ["for": "key"], Phrase.apiKey[language])
        html.element("div", ["class": "joined"]) { joined in
            joined.void(
                "input",
                [
                    // It is nobody's password: no manager of passwords is to fill it in or to keep it.
                    "id": "key", "type": "password", "autocomplete": "new-password", "data-1p-ignore": "",
                    "data-lpignore": "true", "autocapitalize": "none", "spellcheck": "false",
                    "aria-describedby": "key-hint key-complaint",
                ]
            )
            joined.element(
                "button",
                ["type": "button", "id": "show-key", "class": "second", "aria-pressed": "false"],
                Phrase.showKey[language]
            )
        }
        complaint(about: "key", to: &html)
        html.element("p", ["id": "key-hint", "class": "quiet"], Phrase.keyHint[language])
        html.element("p", ["class": "buttons"]) { buttons in
            buttons.element(
                "button",
                ["type": "button", "id": "load-profiles", "data-action": ""],
                Phrase.loadProfiles[language]
            )
        }
        html.element("p", ["id": "profiles-said", "role": "status"], "")
    }

    private func profile(to html: inout HTMLWriter) {
        html.element("label", ["for": "profile"], Phrase.profile[language])
        html.element(
            "select",
            [
                "id": "profile", "aria-required": "true", "aria-describedby": "profile-facts profile-complaint",
            ]
        ) { select in
            select.element("option", ["value": ""], Phrase.loadFirst[language])
        }
        complaint(about: "profile", to: &html)
        html.element("p", ["id": "profile-facts", "class": "quiet", "hidden": ""], "")
        html.element("details", ["id": "by-id"]) { details in
            details.element("summary", Phrase.giveID[language])
            details.element("label", ["for": "profile-id"], Phrase.profileID[language])
            details.void(
                "input",
                [
                    "id": "profile-id", "type": "text", "autocomplete": "off", "autocapitalize": "none",
                    "spellcheck": "false", "aria-describedby": "profile-id-complaint",
                ]
            )
            complaint(about: "profile-id", to: &details)
            details.element("label", ["for": "kind"], Phrase.kind[language])
            details.element("select", ["id": "kind"]) { select in
                for kind in kinds { select.element("option", ["value": kind], kind) }
            }
        }
    }

    private var kinds: [String] {
        contract.component("schemas", "ProfileKind")?["enum"]?.elements.compactMap(\.text) ?? []
    }

    private func validity(to html: inout HTMLWriter) {
        let bounds = contract.component("schemas", "TokenRequest")?["properties"]?["tokenValidityInSeconds"]
        html.element("fieldset", ["class": "validity"]) { group in
            group.element("legend", Phrase.validity[language])
            group.element("p", ["class": "buttons presets"]) { buttons in
                for (name, seconds) in [
                    (Phrase.oneHour, 3600), (.oneDay, 86_400), (.sevenDays, 604_800), (.thirtyDays, 2_592_000),
                ] {
                    buttons.element(
                        "button",
                        [
                            "type": "button", "class": "second", "data-seconds": String(seconds),
                            "aria-pressed": "false",
                        ],
                        name[language]
                    )
                }
            }
            group.element("label", ["for": "validity"], Phrase.inSeconds[language])
            group.void(
                "input",
                [
                    "id": "validity", "type": "number", "inputmode": "numeric", "step": "1", "value": "3600",
                    "min": bounds?["minimum"]?.text ?? "", "max": bounds?["maximum"]?.text ?? "",
                    "aria-describedby": "validity-hint validity-complaint",
                ]
            )
            complaint(about: "validity", to: &group)
            group.element("p", ["id": "validity-hint", "class": "quiet"], Phrase.validityHint[language])
        }
    }

    /// What the script says of a field.
    private func complaint(about field: String, to html: inout HTMLWriter) {
        html.element("p", ["id": field + "-complaint", "class": "bad complaint", "hidden": ""], "")
    }
}
