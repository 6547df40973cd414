import KeyRing
import Ledger

extension AuditArgument {
    /// A caller's name: one that a key ring takes, or the one of `API_KEY`.
    static func caller(_ text: String) throws(AuditArgumentFault) -> String {
        guard text == SingleKey.callerName || KeyEntry.isCallerName(text) else {
            throw AuditArgumentFault("A caller's name is \(KeyRule.nameForm).")
        }
        return text
    }
}
