import Cryptography
import FarmProtocol
import Testing

/// The memory of nonces: nothing is let in twice, and nobody pays for another's greed.
struct ReplayTests {
  private static let nowMS: UInt64 = 1_800_000_000_000
  private let policy = SignaturePolicy()

  private func signed(_ key: SigningKey, _ nonce: String, secondsLater: UInt64 = 0) throws
    -> SignaturePolicy.Signed
  {
    let createdS = ReplayTests.nowMS / 1000 + secondsLater
    let fields = RequestSigner(key: key).headers(
      method: "GET", path: "/", bodyDigest: Digest(of: []), createdS: createdS, nonce: nonce)
    return try policy.check(
      method: "GET", path: "/", headers: Dictionary(fields) { $1 }, bodyDigest: Digest(of: []),
      nowMS: createdS * 1000)
  }

  private func code(_ replays: inout ReplayGuard, _ signed: SignaturePolicy.Signed, secondsLater: UInt64 = 0)
    -> Refusal.Code?
  {
    do throws(Refusal) {
      try replays.admit(signed, nowMS: ReplayTests.nowMS + secondsLater * 1000)
      return nil
    } catch { return error.code }
  }

  @Test func `a key beyond its share forgets its own oldest, and those are refused from then on`() throws {
    var replays = ReplayGuard(noncesMax: 100, perKeyMax: 4, keysMax: 10)
    let (greedy, modest) = (try Fixtures.key(1), try Fixtures.key(2))
    let kept = try signed(modest, "mine")
    #expect(code(&replays, kept) == nil)
    for second in UInt64(0)..<20 {
      #expect(
        code(&replays, try signed(greedy, "\(second)", secondsLater: second), secondsLater: second) == nil)
    }
    for second in UInt64(0)..<20 {
      let again = code(&replays, try signed(greedy, "\(second)", secondsLater: second), secondsLater: 20)
      #expect(again == .replayed || again == .requestTooOld, "request of second \(second) was let in twice")
    }
    #expect(code(&replays, try signed(greedy, "late", secondsLater: 1), secondsLater: 20) == .requestTooOld)
    #expect(code(&replays, try signed(greedy, "new", secondsLater: 21), secondsLater: 21) == nil)
    #expect(code(&replays, kept, secondsLater: 21) == .replayed)
    #expect(code(&replays, try signed(modest, "second", secondsLater: 1), secondsLater: 21) == nil)
  }

  @Test func `when all is full, the key with most gives way`() throws {
    var replays = ReplayGuard(noncesMax: 20, perKeyMax: 16, keysMax: 10)
    let (greedy, modest) = (try Fixtures.key(1), try Fixtures.key(2))
    for second in UInt64(0)..<16 {
      #expect(code(&replays, try signed(greedy, "\(second)", secondsLater: second)) == nil)
    }
    let mine = try (UInt64(0)..<12).map { try signed(modest, "\($0)", secondsLater: $0) }
    for request in mine { #expect(code(&replays, request) == nil) }
    for request in mine { #expect(code(&replays, request) == .replayed) }
    for second in UInt64(0)..<16 {
      #expect(code(&replays, try signed(greedy, "\(second)", secondsLater: second)) != nil)
    }
  }

  @Test func `too many keys are busy, those that came before go on, and room comes with time`() throws {
    var replays = ReplayGuard(noncesMax: 100, perKeyMax: 10, keysMax: 2)
    #expect(code(&replays, try signed(try Fixtures.key(1), "a")) == nil)
    #expect(code(&replays, try signed(try Fixtures.key(2), "a")) == nil)
    #expect(code(&replays, try signed(try Fixtures.key(3), "a")) == .busy)
    #expect(code(&replays, try signed(try Fixtures.key(1), "b")) == nil)
    let later = try signed(try Fixtures.key(3), "a", secondsLater: 400)
    #expect(code(&replays, later, secondsLater: 400) == nil)
  }
}
