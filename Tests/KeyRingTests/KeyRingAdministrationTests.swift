import Graph
import Settings
import Testing
import Transport

@testable import KeyRing

@Suite("Giving out keys and taking them away")
struct KeyRingAdministrationTests {
    private let order = KeyOrder(
        caller: "portal",
        grant: KeyGrant(rights: [.createToken], profiles: .some([profile.id]))
    )

    @Test("a new key is one that the ring takes, and the document has nothing that would show it")
    func add() throws {
        var document = KeyRingDocument()
        let new = try document.add(order, at: start)
        let ring = KeyRing(try KeyRingDocument(Array(document.text.utf8)).entries)
        #expect(ring.result(new.key.text) == .success("portal"))
        #expect(!document.text.contains(new.key.text.dropFirst(13).dropLast(6)))
        #expect(document.text.contains(#""lastFour": "\#(new.key.text.suffix(4))""#))
    }

    @Test("what makes no sense is refused, and changes nothing")
    func nonsense() throws {
        let orders: [(String, (inout KeyOrder) -> Void)] = [
            ("not in the future", { $0.expiresAt = start }), ("not in the future", { $0.expiresAt = start - day }),
            (
                "before it begins",
                {
                    $0.notBefore = start + day * 2
                    $0.expiresAt = start + day
                }
            ),
            ("name", { $0.caller = "" }), ("name", { $0.caller = "a b" }), ("name", { $0.caller = "-a" }),
            ("right", { $0.grant.rights = [] }), ("kind", { $0.grant.kinds = [] }),
            ("profile", { $0.grant.profiles = .some([]) }),
            ("comment", { $0.comment = String(repeating: "x", count: 1025) }),
        ]
        for (reason, change) in orders {
            var order = order
            change(&order)
            var document = KeyRingDocument()
            do {
                _ = try document.add(order, at: start)
                Issue.record("\(reason) was taken")
            } catch {
                #expect(error.description.contains(reason), "\(error)")
            }
            #expect(document.entries.isEmpty)
        }
    }

    @Test("rotating makes a second key with the same rights, and gives the first one an end")
    func rotate() throws {
        var document = KeyRingDocument()
        var order = order
        order.expiresAt = start + day * 90
        order.rate = CallerRate(SettingRate(count: 10, interval: .seconds(1)))
        let first = try document.add(order, at: start)
        let (second, old) = try document.rotate(first.key.id, overlap: day * 7, at: start + day * 30)
        #expect(document.entries.count == 2)
        #expect(old.expiresAt == start + day * 37)
        #expect(second.entry.expiresAt == start + day * 120)
        #expect(second.entry.grant == first.entry.grant)
        #expect(second.entry.rate == first.entry.rate)
        #expect(second.entry.caller == "portal")
        let ring = KeyRing(document.entries)
        let holder = KeyRing.Holder(caller: "portal", keyID: first.key.id)
        #expect(ring.result(first.key.text, at: start + day * 36) == .success("portal"))
        #expect(ring.result(first.key.text, at: start + day * 37) == .failure(.expired(holder, at: start + day * 37)))
        #expect(ring.result(second.key.text, at: start + day * 30) == .success("portal"))
    }

    @Test("an end that comes sooner stays; an overlap of nothing ends the first key at once")
    func ends() throws {
        var document = KeyRingDocument()
        var order = order
        order.expiresAt = start + day
        let first = try document.add(order, at: start)
        #expect(try document.rotate(first.key.id, overlap: day * 7, at: start).old.expiresAt == start + day)
        let endless = try document.add(self.order, at: start)
        let (new, old) = try document.rotate(endless.key.id, overlap: .zero, at: start)
        #expect(old.state(at: start) == .expired)
        #expect(new.entry.expiresAt == nil)
    }

    @Test("a key that has not begun yet is rotated into one that begins then, too, and neither opens anything before")
    func early() throws {
        var document = KeyRingDocument()
        var order = order
        order.notBefore = start + day * 30
        order.expiresAt = start + day * 60
        let (first, other) = (try document.add(order, at: start), try document.add(order, at: start))
        let (second, old) = try document.rotate(first.key.id, overlap: day, at: start)
        #expect(old.state(at: start) == .revoked)
        #expect(second.entry.notBefore == order.notBefore)
        #expect(second.entry.expiresAt == order.expiresAt)
        let (third, kept) = try document.rotate(other.key.id, overlap: day * 40, at: start)
        #expect(kept.notBefore == order.notBefore)
        #expect(kept.expiresAt == start + day * 40)
        let ring = KeyRing(document.entries)
        for key in [first, second, other, third] {
            #expect(ring.result(key.key.text, at: start + day * 29) != .success("portal"))
        }
        #expect(ring.result(second.key.text, at: start + day * 31) == .success("portal"))
        #expect(ring.result(other.key.text, at: start + day * 31) == .success("portal"))
    }

    @Test("the lifetime counts from a key's begin, before and after it")
    func lifetime() throws {
        var document = KeyRingDocument()
        var order = order
        order.notBefore = start + day * 300
        order.expiresAt = start + day * 390
        let first = try document.add(order, at: start)
        let (second, _) = try document.rotate(first.key.id, overlap: day, at: start + day * 310)
        #expect(second.entry.expiresAt == start + day * 400)
        var now = order
        now.notBefore = start
        now.expiresAt = nil
        let third = try document.add(now, at: start)
        #expect(try document.rotate(third.key.id, overlap: .zero, at: start).old.state(at: start) == .revoked)
        #expect(throws: Never.self) { try KeyRingDocument(Array(document.text.utf8)) }
    }

    @Test("no time is written that could not be read: those behind the year 9999 are refused, or end there")
    func latest() throws {
        var document = KeyRingDocument()
        var far = order
        far.expiresAt = start + day * 3_000_000
        #expect(throws: KeyOrderRefusal.self) { try document.add(far, at: start) }
        far.expiresAt = nil
        far.notBefore = KeyRule.latest
        #expect(throws: KeyOrderRefusal.self) { try document.add(far, at: start) }
        far.notBefore = nil
        far.expiresAt = KeyRule.latest
        let first = try document.add(far, at: start)
        let (second, _) = try document.rotate(first.key.id, overlap: day * 3_000_000, at: start + day * 30)
        #expect(second.entry.expiresAt == KeyRule.latest)
        #expect(throws: Never.self) { try KeyRingDocument(Array(document.text.utf8)) }
    }

    @Test("revoking ends a key at once and for good, and says so a second time")
    func revoke() throws {
        var document = KeyRingDocument()
        let key = try document.add(order, at: start).key
        #expect(try document.revoke(key.id, at: start).isNews)
        #expect(
            KeyRing(document.entries).result(key.text) == .failure(.revoked(.init(caller: "portal", keyID: key.id)))
        )
        let (entry, isNews) = try document.revoke(key.id, at: start + day)
        #expect(!isNews)
        #expect(entry.revokedAt == start)
        #expect(throws: KeyOrderRefusal.self) { try document.rotate(key.id, overlap: day, at: start) }
        #expect(throws: KeyOrderRefusal.self) { try document.revoke(APIKey.random().id, at: start) }
    }

    @Test("a trial says of each right why not")
    func trial() throws {
        var document = KeyRingDocument()
        var entry = try document.add(order, at: start).entry
        func refusals(_ profile: ProfileReference?) -> [String?] {
            KeyTrial(entry, on: profile, at: start).verdicts.map(\.refusal)
        }
        #expect(refusals(profile)[0] == nil)
        #expect(refusals(nil)[0] == nil)
        #expect(refusals(profile)[1] == "it does not have this right")
        #expect(refusals(otherProfile)[0] == "it is not for this profile")
        entry.grant.kinds = [.deviceOwner]
        #expect(refusals(profile)[0]?.contains("android-for-work") == true)
        entry.revokedAt = start
        #expect(refusals(profile) == Array(repeating: "it is revoked", count: 4))
    }
}
