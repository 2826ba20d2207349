import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Testing

@Suite struct TokenTests {
  private let owner = Visitor(key: key(3))

  private func make(
    _ service: FarmService, _ test: TestFarm, _ visitor: Visitor, scope: TokenScope = .read,
    expiresMS: UInt64 = 2_000_000
  ) async throws -> (secret: String, said: Said) {
    let secret = TokenSecret.random()
    let hash = try #require(TokenSecret.hash(of: secret))
    let request = TokenRequest(hash: hash, name: "script", scope: scope, expiresMS: expiresMS)
    return (secret, try await test.say(service, visitor, "POST", Routes.tokens, WireJSON.encode(request)))
  }

  @Test func `a token is its account's until it is revoked, also after a restart`() async throws {
    let test = TestFarm()
    var secret = ""
    do {
      let farm = try await test.open()
      let service = try await test.service(farm)
      let (made, said) = try await make(service, test, owner)
      #expect(said.status == 201)
      secret = made
      let account = try await test.say(service, Visitor(token: secret), "GET", Routes.account)
      let statement: AccountStatement = try WireJSON.decode(from: account.body)
      #expect(statement.key == key(3).publicKey)
      let stored = try Data(contentsOf: URL(fileURLWithPath: "\(test.root)/farm.sqlite"))
      #expect(stored.range(of: Data(secret.utf8)) == nil, "the secret is stored")
      try await farm.close()
    }
    let farm = try await test.open()
    let service = try await test.service(farm)
    #expect(try await test.say(service, Visitor(token: secret), "GET", Routes.jobs).status == 200)
    let hash = try #require(TokenSecret.hash(of: secret))
    let foreign = try await test.say(service, Visitor(key: key(4)), "DELETE", Routes.token(hash))
    #expect(foreign.code == .notFound)
    #expect(try await test.say(service, owner, "DELETE", Routes.token(hash)).status == 200)
    let said = try await test.say(service, Visitor(token: secret), "GET", Routes.jobs)
    #expect(said.code == .unauthorized && said.headers["WWW-Authenticate"] == "Bearer")
  }

  @Test func `a token ends with its time`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm)
    let (secret, _) = try await make(service, test, owner, expiresMS: test.clock.nowMS + 5_000)
    test.clock.advance(4_999)
    #expect(try await test.say(service, Visitor(token: secret), "GET", Routes.jobs).status == 200)
    test.clock.advance(1)
    #expect(try await test.say(service, Visitor(token: secret), "GET", Routes.jobs).code == .unauthorized)
    let list: TokenList = try WireJSON.decode(
      from: try await test.say(service, owner, "GET", Routes.tokens).body)
    #expect(list.tokens.isEmpty)
  }

  @Test func `making the same token twice is harmless, taking another's hash is refused`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let hash = Digest(of: [5])
    let request = TokenRequest(hash: hash, name: "a", scope: .read, expiresMS: 2_000_000)
    for _ in 0..<2 { _ = try await farm.add(request, of: key(3).publicKey) }
    #expect(await farm.tokens.list(of: key(3).publicKey, nowMS: 0).tokens == [request])
    var other = request
    other.scope = .submit
    await #expect(throws: Refusal.self) { _ = try await farm.add(other, of: key(3).publicKey) }
    await #expect(throws: Refusal.self) { _ = try await farm.add(request, of: key(4).publicKey) }
  }

  @Test func `tokens are bounded in number, life and name, and those that are over make room`() throws {
    var book = TokenBook()
    let owner = key(3).publicKey
    func token(_ number: Int, expiresMS: UInt64, name: String = "") -> TokenRequest {
      TokenRequest(hash: Digest(of: Array("\(number)".utf8)), name: name, scope: .read, expiresMS: expiresMS)
    }
    for number in 0..<Limits.tokensPerAccountMax {
      _ = try book.add(token(number, expiresMS: 1_000), of: owner, nowMS: 0)
    }
    #expect(throws: Refusal.self) { try book.add(token(-1, expiresMS: 1_000), of: owner, nowMS: 0) }
    #expect(try book.add(token(-1, expiresMS: 1_000), of: key(4).publicKey, nowMS: 0) != nil)
    #expect(try book.add(token(-2, expiresMS: 9_000), of: owner, nowMS: 1_000) != nil)
    #expect(book.sweep(nowMS: 1_000).count == Limits.tokensPerAccountMax + 1)
    for bad in [
      token(-3, expiresMS: 1_000), token(-3, expiresMS: 1_001 + Limits.tokenLifeMSMax),
      token(-3, expiresMS: 2_000, name: String(repeating: "x", count: Limits.nameBytesMax + 1)),
      token(-3, expiresMS: 2_000, name: "a\nb"),
    ] {
      #expect(throws: Refusal.self) { try book.add(bad, of: owner, nowMS: 1_000) }
    }
  }

  @Test(arguments: ["", "Bearer", "Basic abc", "Bearer a b", "Bearer rft_xyz"])
  func `a field that is no token is refused`(field: String) {
    #expect(throws: Refusal.self) { try TokenBook().caller(field, nowMS: 0) }
  }
}
