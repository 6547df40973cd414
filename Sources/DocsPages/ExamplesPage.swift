import PageTexts
import Pages

/// Programs to copy: those of the folder Examples, as they are.
struct ExamplesPage {
    /// A program in one language, of one file or some.
    struct Program: Sendable {
        /// Of the element, and of the links to it.
        var id: String
        var language: String
        var needs: String
        /// As the program itself says it.
        var command: String
        var files: [(name: String, bytes: [UInt8])]
    }

    static let programs: [Program] = [
        Program(
            id: "curl",
            language: "curl",
            needs: "bash, curl 7.84, jq",
            command: "bash mint.sh [VALIDITY_SECONDS [KIND]]",
            files: [("mint.sh", PackageResources.mint_sh), ("qr-code.sh", PackageResources.qr_code_sh)]
        ),
        Program(
            id: "python",
            language: "Python",
            needs: "Python 3.9",
            command: "python3 mint.py [VALIDITY_SECONDS [KIND]]",
            files: [("mint.py", PackageResources.mint_py)]
        ),
        Program(
            id: "javascript",
            language: "JavaScript",
            needs: "Node 18",
            command: "node mint.mjs [VALIDITY_SECONDS [KIND]]",
            files: [
                ("mint.mjs", PackageResources.mint_mjs), ("enrollment.mjs", PackageResources.enrollment_mjs),
                ("index.html", PackageResources.index_html),
            ]
        ),
        Program(
            id: "java",
            language: "Java",
            needs: "Java 17",
            command: "java Mint.java [VALIDITY_SECONDS [KIND]]",
            files: [("Mint.java", PackageResources.Mint_java)]
        ),
        Program(
            id: "csharp",
            language: "C#",
            needs: ".NET 8",
            command: "dotnet run -- [VALIDITY_SECONDS [KIND]]",
            files: [("Mint.cs", PackageResources.Mint_cs), ("Mint.csproj", PackageResources.Mint_csproj)]
        ),
        Program(
            id: "go",
            language: "Go",
            needs: "Go 1.19",
            command: "go build -o mint mint.go && ./mint [VALIDITY_SECONDS [KIND]]",
            files: [("mint.go", PackageResources.mint_go)]
        ),
        Program(
            id: "powershell",
            language: "PowerShell",
            needs: "PowerShell 7.4",
            command: "pwsh -File Mint.ps1 [VALIDITY_SECONDS [KIND]]",
            files: [("Mint.ps1", PackageResources.Mint_ps1)]
        ),
    ]

    let text: PageText

    private var language: PageLanguage { text.language }

    func write(to html: inout HTMLWriter) {
        html.element("h1", Phrase.examples[language])
        html.element("p", ["class": "lead"], Phrase.examplesLead[language])
        html.json("created 2026-03-02T09:15:30Z\nABCDEFGHIJKLMNOPQRST")
        settings(to: &html)
        outcomes(to: &html)
        for program in Self.programs {
            html.element("section", ["id": program.id]) { write(program, to: &$0) }
        }
        html.copyAnswers(language)
    }

    private func settings(to html: inout HTMLWriter) {
        html.element("h2", Phrase.whatTheyRead[language])
        html.element("div", ["class": "copied"]) { block in
            block.element("pre", ["tabindex": "0"]) { pre in
                pre.element("code", ["id": "settings"]) { code in
                    code.text("export GATEWAY_URL=")
                    code.element("span", ["data-origin": ""], "http://127.0.0.1:8080")
                    code.text(
                        "\nexport PROFILE_ID=aaaaaaaa-0000-4000-8000-000000000001\nread -rs GATEWAY_API_KEY && export GATEWAY_API_KEY"
                    )
                }
            }
            block.copyButton(of: "settings", named: Phrase.whatTheyRead[language], language)
        }
        pairs(
            [
                ("GATEWAY_URL", .gatewayURL), ("GATEWAY_API_KEY", .gatewayKey), ("PROFILE_ID", .profileOfExamples),
                ("VALIDITY_SECONDS", .firstArgument), ("KIND", .secondArgument),
            ],
            to: &html
        )
    }

    private func outcomes(to html: inout HTMLWriter) {
        html.element("h2", Phrase.exitCodes[language])
        pairs([("0", .exitCreated), ("1", .exitNotCreated), ("2", .exitUnknown), ("64", .exitUsage)], to: &html)
        html.element("p", Phrase.oneKeyOneWish[language])
        html.element("p") { line in
            let address = DocsPages.Page.reference.address(language) + "#about"
            line.element("a", ["href": address], Phrase.askingAgain[language])
        }
    }

    private func pairs(_ pairs: [(name: String, meaning: Phrase)], to html: inout HTMLWriter) {
        html.element("dl", ["class": "pairs"]) { list in
            for (name, meaning) in pairs {
                list.element("dt") { $0.element("code", name) }
                list.element("dd", meaning[language])
            }
        }
    }

    private func write(_ program: Program, to html: inout HTMLWriter) {
        html.element("h2", program.language)
        html.element("p") { line in
            line.text(Phrase.needs.before(language) + program.needs + " · " + Phrase.run.before(language))
            line.element("code", program.command)
        }
        for file in program.files {
            let id = "\(program.id)-\(file.name.replacing(".", with: "-"))"
            html.element("details") { details in
                details.element("summary") { $0.element("code", file.name) }
                details.copyButton(of: id, named: file.name, language)
                // Programs and their comments are written in English.
                details.element("pre", ["tabindex": "0", "lang": PageLanguage.english.rawValue]) { pre in
                    pre.element("code", ["id": id], String(decoding: file.bytes, as: UTF8.self))
                }
            }
        }
    }
}
