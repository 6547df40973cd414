import Explanations
import JSONText

/// A diagnosis for programs.
package enum DiagnosisJSON {
    package static func document(_ diagnosis: Diagnosis) -> String {
        var document = JSONObjectText()
        document.add("ok", diagnosis.isHealthy)
        document.add("steps", diagnosis.findings.map { object($0, of: diagnosis) })
        return document.text
    }

    private static func object(_ finding: Finding, of diagnosis: Diagnosis) -> JSONObjectText {
        var object = JSONObjectText()
        object.add("step", finding.step.rawValue)
        object.add("title", diagnosis.title(of: finding.step))
        object.add("result", finding.result.rawValue)
        object.add("summary", finding.summary)
        object.add("needs", diagnosis.needs(of: finding.step).map(\.rawValue))
        if !finding.facts.isEmpty { object.add("facts", facts(finding)) }
        if !finding.advice.isEmpty { object.add("advice", finding.advice.map(advice)) }
        return object
    }

    private static func facts(_ finding: Finding) -> [JSONObjectText] {
        finding.facts.map { fact in
            var object = JSONObjectText()
            object.add("name", fact.name)
            object.add("value", fact.value)
            return object
        }
    }

    private static func advice(_ advice: Advice) -> JSONObjectText {
        var object = JSONObjectText()
        object.add("code", advice.code)
        object.add("meaning", advice.meaning)
        object.add("actor", advice.actor.rawValue)
        object.add("step", advice.step)
        return object
    }
}
