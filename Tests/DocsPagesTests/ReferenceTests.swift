import Explanations
import PageTexts
import Testing

@testable import DocsPages

@Suite("The reference, the codes and the examples")
struct ReferenceTests {
    @Test(
        "every operation is there with its path, its right, and a command of its own",
        arguments: PageLanguage.allCases
    )
    func operations(language: PageLanguage) async throws {
        let page = try await Files.page(.reference, language)
        let operations = try Files.contract.operations
        #expect(operations.count >= 7)
        for operation in operations {
            let section = try #require(page.element(id: operation.id)).text
            #expect(section.contains("\(operation.method) \(operation.path)"))
            if let right = operation.right { #expect(section.contains(right)) }
            let command = try #require(page.element(id: "curl-" + operation.id)).text
            #expect(command.hasPrefix("curl") && !command.contains("{profileId}"))
            #expect(command.contains("X-API-Key: $GATEWAY_API_KEY") == (operation.right != nil))
            #expect(command.contains("Idempotency-Key: ") == (operation.method == "POST"))
        }
    }

    @Test("a command that is run again has the same Idempotency-Key: it is made before, by a command of its own")
    func oneKey() async throws {
        let page = try await Files.page(.reference)
        for operation in try Files.contract.operations {
            let command = try #require(page.element(id: "curl-" + operation.id)).text
            #expect(!command.contains("uuidgen"))
            guard command.contains("Idempotency-Key") else { continue }
            #expect(command.contains("-H \"Idempotency-Key: $key\""))
            #expect(page.element(id: "key-" + operation.id)?.text == "key=$(uuidgen)")
        }
    }

    @Test("every parameter, status, header field and code of an operation is in its section")
    func parts() async throws {
        let page = try await Files.page(.reference)
        let contract = try Files.contract
        for operation in contract.operations {
            let section = try #require(page.element(id: operation.id)).text
            for parameter in operation.parameters { #expect(section.contains(parameter["name"]?.text ?? "?")) }
            for (status, answer) in (operation.value["responses"]?.members ?? []).map({ ($0.name, $0.value) }) {
                #expect(section.contains(status))
                let answer = contract.resolved(answer).value
                for header in answer["headers"]?.members ?? [] { #expect(section.contains(header.name)) }
                for code in contract.codes(of: answer) { #expect(section.contains(code)) }
                if answer["content"]?[Contract.problemType] != nil { #expect(!contract.codes(of: answer).isEmpty) }
            }
        }
    }

    @Test("every member of every schema is there with its meaning")
    func members() async throws {
        let html = try await Files.page(.reference).elements[0].text
        let schemas = try #require(Files.contract.root["components"]?["schemas"]).members
        for schema in schemas {
            for member in schema.value["properties"]?.members ?? [] {
                #expect(html.contains(member.name))
                if let first = member.value["description"]?.text?.split(separator: ".").first, !first.contains("`") {
                    #expect(html.contains(first), "\(schema.name).\(member.name)")
                }
            }
        }
    }

    @Test("bounds and defaults are said")
    func bounds() async throws {
        let section = try #require(try await Files.page(.reference).element(id: "createToken")).text
        #expect(section.contains("from 60 to 7776000"))
        let list = try #require(try await Files.page(.reference).element(id: "listProfiles")).text
        #expect(list.contains("from 1 to 100") && list.contains("default 50"))
    }

    @Test("every code is explained, with its status, its title and its example", arguments: PageLanguage.allCases)
    func codes(language: PageLanguage) async throws {
        let page = try await Files.page(.codes, language)
        let contract = try Files.contract
        #expect(contract.codes.count == Explanations.all(of: .gateway).count)
        for code in contract.codes {
            let section = try #require(page.element(id: code)).text
            let example = try #require(contract.component("examples", code)?["value"])
            #expect(section.contains(example["status"]?.text ?? "?"))
            let title = try #require(Phrase.title(ofCode: code))
            #expect(title.english == example["title"]?.text && section.contains(title[language]))
            #expect(section.contains(example.indentedJSON))
            let explanation = try #require(Explanations.find(code, in: .gateway))
            for text in [explanation.meaning, explanation.step, explanation.actor.title] {
                let said = try #require(Catalogue.text(text, in: language), "no \(language): \(text)")
                #expect(section.contains(said.replacing("`", with: "")))
            }
        }
    }

    @Test("every program of the folder of examples is there as it is, and run as it says itself")
    func examples() async throws {
        let page = try await Files.page(.examples)
        let folders = [
            "curl": "curl", "python": "python", "javascript": "javascript", "java": "java", "csharp": "csharp",
            "go": "go",
            "powershell": "powershell",
        ]
        #expect(Set(ExamplesPage.programs.map(\.id)) == Set(folders.keys))
        for program in ExamplesPage.programs {
            let folder = try #require(folders[program.id])
            let section = try #require(page.element(id: program.id)).text
            var all = ""
            for file in program.files {
                let text = try Files.text("Examples/\(folder)/\(file.name)")
                #expect(section.contains(text))
                all += text
            }
            #expect(all.contains(program.command) && section.contains(program.command))
        }
    }

    @Test("every command names what runs it: a copied program is not executable, and in no folder of the shell's path")
    func copied() {
        for program in ExamplesPage.programs {
            #expect(program.files.allSatisfy { !program.command.hasPrefix($0.name) }, "\(program.command)")
        }
    }

    @Test("no command loses the exit code, which says whether it is safe to try again")
    func exitCodes() {
        // `go run` ends with 1 whatever the program ended with.
        #expect(ExamplesPage.programs.allSatisfy { !$0.command.contains("go run") })
    }
}
