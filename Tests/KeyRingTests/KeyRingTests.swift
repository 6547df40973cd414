import Graph
import Settings
import Testing
import Transport

@testable import KeyRing

@Suite("KeyRing")
struct KeyRingTests {
    private let key = APIKey.random()

    private func ring(_ change: (inout KeyEntry) -> Void = { _ in }) -> KeyRing {
        var entry = KeyEntry.sample(key)
        change(&entry)
        return KeyRing([entry, .sample(.random(), caller: "other")])
    }

    @Test("a key opens what its entry says, and no other text does")
    func opens() throws {
        let ring = ring { $0.grant = KeyGrant(rights: [.createToken], profiles: .some([profile.id])) }
        let caller = try ring.caller(presenting: key.text, at: start)
        #expect(caller.name == "portal")
        #expect(caller.keyID == key.id)
        #expect(throws: Never.self) { try caller.permit(CreateToken.self, on: profile) }
        #expect(throws: KeyGrant.Denial.profile) { try caller.permit(CreateToken.self, on: otherProfile) }
    }

    @Test("the right id with another secret is as unknown as any other")
    func wrongSecret() {
        let other = key.withOtherSecret()
        #expect(APIKey.shape(of: Array(other.text.utf8)) == .key(key.id))
        #expect(other.text != key.text)
        #expect(ring().result(other.text) == .failure(.unknown))
        #expect(ring().result(APIKey.random().text) == .failure(.unknown))
    }

    @Test(
        "what is no key is refused",
        arguments: [
            "", " ", "x", "egk_", "sha256:", "\0", "ключ", String(repeating: "x", count: 512),
            String(repeating: "x", count: 1 << 20),
        ]
    )
    func others(text: String) {
        #expect(throws: KeyRing.Refusal.self) { try ring().caller(presenting: text, at: start) }
    }

    @Test("a key with a typo is told from an unknown one; neither opens anything")
    func damaged() {
        #expect(ring().result(key.text + "x") == .failure(.damaged))
        #expect(ring().result(String(key.text.dropLast())) == .failure(.damaged))
        #expect(ring().result(key.text + "\0") == .failure(.damaged))
        #expect(ring().result(" " + key.text) == .failure(.unknown))
    }

    @Test("a key holds from its begin to its end, to the second, and not once it is revoked")
    func times() {
        let holder = KeyRing.Holder(caller: "portal", keyID: key.id)
        let dated = ring {
            $0.notBefore = start
            $0.expiresAt = start + day
        }
        #expect(dated.result(key.text, at: start - .seconds(1)) == .failure(.notYetValid(holder, from: start)))
        #expect(dated.result(key.text, at: start) == .success("portal"))
        #expect(dated.result(key.text, at: start + day - .seconds(1)) == .success("portal"))
        #expect(dated.result(key.text, at: start + day) == .failure(.expired(holder, at: start + day)))
        #expect(ring { $0.revokedAt = start - .seconds(1) }.result(key.text) == .failure(.revoked(holder)))
        // A revoked key says nothing but that, and nothing to who does not have it.
        #expect(ring { $0.revokedAt = start }.result(APIKey.random().text) == .failure(.unknown))
    }

    @Test("each key of a ring of any size is found, and no other", arguments: [0, 1, 2, 3, 4, 7, 8, 100, 1_023, 1_024])
    func sizes(count: Int) {
        let keys = (0..<count).map { _ in APIKey.random() }
        let index = KeyIndex(keys.map { .sample($0) })
        for (position, key) in keys.enumerated() {
            #expect(index.position(of: key.id, key.digest) == position)
            #expect(index.position(of: key.id, key.withOtherSecret().digest) == nil)
            #expect(index.position(of: nil, key.digest) == nil)
        }
        for key in (0..<100).map({ _ in APIKey.random() }) {
            #expect(index.position(of: key.id, key.digest) == nil)
            if let other = keys.randomElement() { #expect(index.position(of: key.id, other.digest) == nil) }
        }
        // The smallest and the greatest there are.
        let (first, last) = (KeyID("aaaaaaaa")!, KeyID("77777777")!)
        #expect(index.position(of: first, APIKey.random().digest) == nil)
        let edges = KeyIndex(
            [first, last].map { id in
                var entry = KeyEntry.sample(.random())
                entry.id = id
                entry.digest = KeyDigest(of: [UInt8](id.description.utf8))
                return entry
            }
        )
        #expect(edges.position(of: first, KeyDigest(of: [UInt8]("aaaaaaaa".utf8))) == 0)
        #expect(edges.position(of: last, KeyDigest(of: [UInt8]("77777777".utf8))) == 1)
    }

    @Test("two keys of one caller hold side by side")
    func overlap() {
        let second = APIKey.random()
        let ring = KeyRing([.sample(key), .sample(second)])
        #expect(ring.result(key.text) == .success("portal"))
        #expect(ring.result(second.text) == .success("portal"))
    }

    @Test("the single key holds beside the ring, with every right, and has no id")
    func single() throws {
        let ring = KeyRing([.sample(key)], single: SingleKey(Secret("simplest-key-0123")))
        let caller = try ring.caller(presenting: "simplest-key-0123", at: start)
        #expect(caller.name == "default")
        #expect(caller.keyID == nil)
        #expect(caller.grant == .everything)
        #expect(ring.result(key.text) == .success("portal"))
        #expect(ring.result("simplest-key-0124") == .failure(.unknown))
        #expect(KeyRing([]).result("simplest-key-0123") == .failure(.unknown))
    }

    @Test("what a caller has used up stays used up in the ring that follows")
    func succession() throws {
        let rate = CallerRate(SettingRate(count: 1, interval: .seconds(60)))
        let now = ContinuousClock.now
        let first = KeyRing([.sample(key, rate: rate)])
        #expect(try first.caller(presenting: key.text, at: start).takeQuota(at: now)?.isGranted == true)
        let second = APIKey.random()
        let next = KeyRing([.sample(key, rate: rate), .sample(second, rate: rate)], replacing: first)
        for text in [key.text, second.text] {
            let quota = try next.caller(presenting: text, at: start).takeQuota(at: now)
            #expect(quota?.isGranted == false)
            #expect(quota?.reset == .seconds(60))
        }
        let stranger = KeyRing([.sample(key, caller: "other", rate: rate)], replacing: next)
        #expect(try stranger.caller(presenting: key.text, at: start).takeQuota(at: now)?.isGranted == true)
    }

    @Test("all keys of a caller draw on each other's rates; a rate that is raised holds at once")
    func sharing() throws {
        let slow = CallerRate(SettingRate(count: 1, interval: .seconds(3600)))
        let fast = CallerRate(SettingRate(count: 2, interval: .seconds(1)))
        let second = APIKey.random()
        let ring = KeyRing([.sample(key, rate: slow), .sample(second, rate: fast)])
        let now = ContinuousClock.now
        func isGranted(_ key: APIKey, after time: Duration, in ring: KeyRing) throws -> Bool? {
            try ring.caller(presenting: key.text, at: start).takeQuota(at: now + time)?.isGranted
        }
        #expect(try isGranted(second, after: .zero, in: ring) == true)
        #expect(try isGranted(second, after: .zero, in: ring) == true)
        #expect(try isGranted(second, after: .zero, in: ring) == false)
        #expect(try isGranted(key, after: .zero, in: ring) == false)
        #expect(try isGranted(second, after: .milliseconds(500), in: ring) == true)
        #expect(try isGranted(key, after: .seconds(3601), in: ring) == true)
        #expect(try isGranted(key, after: .seconds(3602), in: ring) == false)
        let raised = KeyRing([.sample(key, rate: fast)], replacing: ring)
        #expect(try isGranted(key, after: .seconds(3602), in: raised) == true)
    }
}

@Suite("KeyGrant")
struct KeyGrantTests {
    private let grant = KeyGrant(rights: [.createToken], profiles: .some([profile.id]), kinds: [.androidForWork])

    private func denial(_ right: KeyRight, _ profile: ProfileReference) -> KeyGrant.Denial? {
        do throws(KeyGrant.Denial) {
            try grant.check(right, on: profile)
            return nil
        } catch {
            return error
        }
    }

    @Test("right, kind and profile have to fit, each")
    func check() {
        #expect(denial(.createToken, profile) == nil)
        #expect(denial(.readToken, profile) == .right(.readToken))
        #expect(denial(.createToken, otherProfile) == .profile)
        let ownerOfOne = ProfileReference(kind: .deviceOwner, id: profile.id)
        #expect(denial(.createToken, ownerOfOne) == .kind(.deviceOwner))
    }
}
