import Activity
import PageTexts

/// Addresses of the console's own pages.
enum ConsoleAddress {
    static func overview(_ view: ConsolePages.View) -> String {
        "/" + same(view)
    }

    /// With what the overview was asked for, so that the way back leads to it.
    static func request(_ name: RequestName, _ view: ConsolePages.View) -> String {
        "/requests/\(name)" + same(view)
    }

    /// The page that it is on, seen otherwise.
    static func same(_ view: ConsolePages.View) -> String {
        var query = "?lang=\(view.language.rawValue)"
        if view.page > 1 { query += "&page=\(view.page)" }
        if !view.isRefreshing { query += "&refresh=off" }
        return query
    }
}
