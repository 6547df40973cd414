import Activity
import Explanations
import PageTexts
import Pages
import Transport

/// The last requests, each with a link to its steps.
extension OverviewPage {
    func lastRequests(_ html: inout HTMLWriter) {
        let requests = reading.history.requests
        let heading = Text.lastRequests(view.language, words.number(RequestHistory.mostRequests))
        section(&html, id: "last-requests", heading: heading) { section in
            guard !requests.isEmpty else {
                section.element("p", ["class": "quiet"], words(Text.noneYet))
                return
            }
            section.element("p", ["class": "quiet"]) {
                $0.prose(Text.keptInMemory(view.language, words.number(RequestHistory.fewestStrangers)))
            }
            section.scrollBox(heading, view.language) { box in
                box.element("table", ["id": "requests", "aria-labelledby": "last-requests-heading"]) { table in
                    requestHead(&table)
                    table.element("tbody") { body in
                        for request in requests { requestRow(request, &body) }
                    }
                }
            }
        }
    }

    private func requestHead(_ html: inout HTMLWriter) {
        html.element("thead") { head in
            head.element("tr") { row in
                for name in [
                    Text.time, Text.caller, Text.request, Text.profile, Text.outcome, Text.code, Text.status,
                    Text.duration,
                ] { row.element("th", ["scope": "col"], words(name)) }
            }
        }
    }

    private func requestRow(_ numbered: RequestHistory.Numbered, _ html: inout HTMLWriter) {
        let request = numbered.request
        let facts = RequestText(request, words)
        let name = RequestName(start: reading.history.start, number: numbered.number)
        html.element("tr", ["data-number": String(numbered.number)]) { cells in
            cells.element("th", ["scope": "row"]) { cell in
                cell.element("a", ["href": ConsoleAddress.request(name, view)]) { link in
                    // With its date where that is another day's.
                    let isToday = words.date(request.startedAt) == words.date(reading.now)
                    let day = isToday ? "" : words.date(request.startedAt) + " "
                    link.element("time", day + words.clock(request.startedAt))
                }
            }
            cells.element("td") { cell in
                if let caller = request.caller { cell.name(caller) } else { cell.text("–") }
            }
            cells.element("td") { facts.asked(&$0) }
            cells.element("td") { cell in
                if let profile = request.profileID { cell.element("code", profile) } else { cell.text("–") }
            }
            cells.element("td") { facts.outcome(&$0) }
            cells.element("td") { facts.code(&$0) }
            cells.element("td") { facts.status(&$0) }
            cells.element("td", words.latency(request.duration))
        }
    }
}
