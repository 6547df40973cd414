import Activity
import Graph
import KeyRing
import PageTexts
import Pages
import Settings
import Transport

/// The key ring: who holds which key, until when, and whether it is used.
extension OverviewPage {
    /// So many profiles of a key are named.
    private static let shownProfiles = 3
    /// Of a comment so many code points are shown.
    private static let shownComment = 60

    func keyRing(_ html: inout HTMLWriter) {
        section(&html, id: "key-ring", heading: words(Text.keyRing)) { section in
            guard keys.total > 0 else {
                section.element("p") { $0.badge(.bad, words(Text.keyRingEmpty)) }
                return
            }
            keyCounts(&section)
            section.element("p", ["id": "key-notes", "class": "quiet"]) { notes in
                notes.text(Text.usesSinceStart(view.language, words.relative(reading.startedAt)) + words(Text.gap))
                notes.text(
                    Text.ringLoaded(
                        view.language,
                        words.number(reading.keyRing.generation),
                        words.relative(reading.keyRing.loadedAt)
                    )
                )
                if keys.rows.contains(where: hasUnnamedProfiles) {
                    notes.prose(words(Text.gap) + words(Text.whereAllProfilesAre))
                }
            }
            section.scrollBox(words(Text.keyRing), view.language) { box in
                box.element(
                    "table",
                    ["id": "keys", "aria-labelledby": "key-ring-heading", "aria-describedby": "key-notes"]
                ) { table in
                    keyHead(&table)
                    table.element("tbody") { body in
                        for row in keys.rows { keyRow(row, &body) }
                    }
                }
            }
            keyPages(&section)
        }
    }

    private func keyCounts(_ html: inout HTMLWriter) {
        html.element("ul", ["class": "counts", "aria-label": words(Text.keyCounts)]) { list in
            for state in KeyRows.State.allCases {
                let count = keys.counts[state] ?? 0
                guard count > 0 || state == .live else { continue }
                list.element("li") { item in
                    item.mark(Self.tone(state))
                    item.element("strong", words.number(count))
                    item.text(" " + words(Self.word(state)))
                }
            }
        }
    }

    private func keyHead(_ html: inout HTMLWriter) {
        let columns: [Phrase] = [
            Text.caller, Text.keyID, Text.state, Text.keyEnds, Text.lastUsed, Text.requestsOfHour, Text.refusalsOfHour,
            Text.rights, Text.profiles, Text.rate, Text.created,
        ]
        html.element("thead") { head in
            head.element("tr") { row in
                for name in columns { row.element("th", ["scope": "col"], words(name)) }
            }
        }
    }

    // MARK: A row

    private func keyRow(_ row: KeyRows.Row, _ html: inout HTMLWriter) {
        guard let index = row.index else { return singleRow(&html) }
        let entry = reading.keyRing.entries[index]
        html.element(
            "tr",
            [
                "data-key": entry.id.description, "data-state": row.state.rawValue,
                "class": row.isStillUsed ? "bad" : row.state == .ending ? "fair" : "",
            ]
        ) { cells in
            cells.element("th", ["scope": "row"]) { cell in
                cell.name(entry.caller)
                if let comment = entry.comment, !comment.isEmpty {
                    cell.element("span", ["class": "comment"]) { $0.name(Self.shortened(comment)) }
                }
            }
            cells.element("td") { cell in
                cell.element("code", entry.id.description)
                if let last = entry.lastFour {
                    cell.text(" ")
                    cell.element("code", ["class": "quiet"], "…" + last)
                }
            }
            cells.element("td") { state(of: row, &$0) }
            cells.element("td") { ends(of: entry, row.state, &$0) }
            use(reading.history.keys[entry.id] ?? .init(), &cells)
            cells.element("td") { rights(of: entry.grant, &$0) }
            cells.element("td") { profiles(of: entry, &$0) }
            cells.element("td", entry.rate.map(rate) ?? words(Text.noRate))
            cells.element("td") { cell in
                let date = words.date(entry.createdAt)
                cell.element("time", ["datetime": date], date)
            }
        }
    }

    /// `API_KEY`.
    private func singleRow(_ html: inout HTMLWriter) {
        html.element("tr", ["data-key": "API_KEY", "data-state": KeyRows.State.live.rawValue]) { cells in
            cells.element("th", ["scope": "row"]) { $0.name(SingleKey.callerName) }
            cells.element("td") { $0.element("code", "API_KEY") }
            cells.element("td") { $0.badge(.good, words(Text.live)) }
            cells.element("td", ["class": "quiet"], words(Text.never))
            use(reading.history.single, &cells)
            cells.element("td", words(Text.allRights))
            cells.element("td", words(Text.allProfiles))
            cells.element("td", words(Text.noRate))
            cells.element("td", "–")
        }
    }

    private func state(of row: KeyRows.Row, _ html: inout HTMLWriter) {
        let word = words(Self.word(row.state))
        if row.isStillUsed {
            html.badge(.bad, word + words(Text.comma) + words(Text.stillUsed))
        } else {
            html.badge(Self.tone(row.state), word)
        }
    }

    private func ends(of entry: KeyEntry, _ state: KeyRows.State, _ html: inout HTMLWriter) {
        if state == .notYetValid, let begin = entry.notBefore {
            html.text(Text.validFrom(view.language, words.relative(begin)) + " ")
            html.time(begin, words.date(begin))
            return
        }
        guard let end = state == .revoked ? entry.revokedAt : entry.expiresAt else {
            html.element("span", ["class": "quiet"], words(Text.never))
            return
        }
        html.text(words.relative(end) + " ")
        html.element("time", ["class": "quiet", "datetime": words.date(end)], words.date(end))
    }

    private func use(_ use: RequestHistory.KeyUse, _ cells: inout HTMLWriter) {
        cells.element("td") { cell in
            if let last = use.lastUsed {
                cell.time(last, words.relative(last))
            } else {
                cell.element("span", ["class": "quiet"], words(Text.notUsed))
            }
        }
        cells.element("td", words.number(use.requests))
        if use.refusals > 0 {
            cells.element("td") { $0.element("strong", words.number(use.refusals)) }
        } else {
            cells.element("td", "0")
        }
    }

    // MARK: What a key may do

    private func rights(of grant: KeyGrant, _ html: inout HTMLWriter) {
        if grant.rights.count == KeyRight.allCases.count { return html.text(words(Text.allRights)) }
        for (index, right) in grant.rightNames.enumerated() {
            if index > 0 { html.text(" ") }
            html.element("code", right)
        }
    }

    private func profiles(of entry: KeyEntry, _ html: inout HTMLWriter) {
        let grant = entry.grant
        switch grant.profiles {
        case .all: html.text(words(Text.allProfiles))
        case .some(let ids):
            html.element("details", ["id": "profiles-\(entry.id)"]) { details in
                details.element(
                    "summary",
                    ids.count == 1
                        ? words(Text.profileCountOne) : Text.profileCount(view.language, words.number(ids.count))
                )
                details.element("ul", ["class": "ids"]) { list in
                    for id in Self.first(Self.shownProfiles, of: ids) {
                        list.element("li") { $0.element("code", id.description) }
                    }
                    if ids.count > Self.shownProfiles {
                        let others = words.number(ids.count - Self.shownProfiles)
                        list.element("li", Text.andMore(view.language, others))
                    }
                }
            }
        }
        if let kinds = grant.kindNames {
            bound(Text.onlyKinds(view.language, kinds.joined(separator: words(Text.listComma))), &html)
        }
        if let greatest = grant.greatestValidity {
            bound(Text.validityBound(view.language, words.span(seconds: Double(greatest))), &html)
        }
    }

    private func hasUnnamedProfiles(_ row: KeyRows.Row) -> Bool {
        guard let index = row.index, case .some(let ids) = reading.keyRing.entries[index].grant.profiles else {
            return false
        }
        return ids.count > Self.shownProfiles
    }

    private func bound(_ text: String, _ html: inout HTMLWriter) {
        html.element("span", ["class": "comment"], text)
    }

    private func rate(_ rate: CallerRate) -> String {
        let text = rate.rate.description
        return rate.burst == rate.rate.count ? text : Text.burst(view.language, text, words.number(rate.burst))
    }

    /// The least ones, in order, without putting all in order.
    private static func first(_ count: Int, of ids: Set<ProfileID>) -> [ProfileID] {
        var least: [ProfileID] = []
        for id in ids {
            if least.count == count, let last = least.last, id > last { continue }
            least.insert(id, at: least.firstIndex { id < $0 } ?? least.endIndex)
            if least.count > count { least.removeLast() }
        }
        return least
    }

    /// By code points: what looks like one character may be made of any number of them.
    private static func shortened(_ comment: String) -> String {
        let scalars = comment.unicodeScalars
        guard scalars.count > shownComment else { return comment }
        return String(String.UnicodeScalarView(scalars.prefix(shownComment))) + "…"
    }

    // MARK: States and pages

    private static func tone(_ state: KeyRows.State) -> Tone {
        switch state {
        case .live: .good
        case .ending: .fair
        case .notYetValid, .expired, .revoked: .quiet
        }
    }

    private static func word(_ state: KeyRows.State) -> Phrase {
        switch state {
        case .live: Text.live
        case .ending: Text.ending
        case .notYetValid: Text.notYetValid
        case .expired: Text.expired
        case .revoked: Text.revokedKey
        }
    }

    private func keyPages(_ html: inout HTMLWriter) {
        guard keys.pages > 1 else { return }
        html.element("nav", ["class": "pages", "aria-label": words(Text.keyPages)]) { nav in
            if keys.page > 1 { link(to: keys.page - 1, "prev", Text.previousPage, &nav) }
            nav.element("span", Text.pageOf(view.language, words.number(keys.page), words.number(keys.pages)))
            if keys.page < keys.pages { link(to: keys.page + 1, "next", Text.nextPage, &nav) }
        }
    }

    private func link(to page: Int, _ relation: String, _ name: Phrase, _ html: inout HTMLWriter) {
        var other = view
        other.page = page
        html.element("a", ["href": ConsoleAddress.overview(other) + "#key-ring", "rel": relation], words(name))
    }
}
