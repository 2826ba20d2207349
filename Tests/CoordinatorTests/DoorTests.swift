import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// What the door does with those who come too often, or with the wrong papers.
@Suite struct DoorTests {
  @Test func `a key that asks too often is told when to come back, and others are not held up`() async throws
  {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm, keyRate: Rate(perSecond: 1, burst: 3))
    let (eager, other) = (Visitor(key: key(3)), Visitor(key: key(4)))
    for _ in 0..<3 { #expect(try await test.say(service, eager, "GET", Routes.account).status == 200) }
    let said = try await test.say(service, eager, "GET", Routes.account)
    #expect(said.status == 429 && said.code == .rateLimited && said.headers["Retry-After"] == "1")
    #expect(try await test.say(service, other, "GET", Routes.account).status == 200)
    test.clock.advance(1_000)
    #expect(try await test.say(service, eager, "GET", Routes.account).status == 200)
  }

  @Test func `an address has a rate, also for what is open to all and for what is not there`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm, addressRate: Rate(perSecond: 1, burst: 2))
    let visitor = Visitor(address: "2001:db8::1")
    #expect(try await test.say(service, visitor, "GET", Routes.farm).status == 200)
    #expect(try await test.say(service, visitor, "GET", "/nothing").status == 404)
    let neighbour = Visitor(address: "2001:db8::2")
    #expect(try await test.say(service, neighbour, "GET", Routes.farm).status == 429)
    #expect(try await test.say(service, neighbour, "GET", "/nothing").status == 429)
    let stranger = Visitor(address: "2001:db8:0:1::1")
    #expect(try await test.say(service, stranger, "GET", Routes.farm).status == 200)
  }

  @Test func `behind a proxy the client is whom the proxy names last`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm, isBehindProxy: true, addressRate: Rate(perSecond: 1, burst: 1))
    let ask = { (forwarded: String) in
      Said(
        await service.reply(
          to: try Visitor().request("GET", Routes.farm, atMS: test.clock.nowMS, forwarded: forwarded))
      ).status
    }
    #expect(try await ask("198.51.100.1") == 200)
    #expect(try await ask("198.51.100.2") == 200)
    #expect(try await ask("203.0.113.99, 198.51.100.1") == 429, "what a client made up counts for nothing")
  }

  @Test func `wrong credentials are let in no more after some, until time has passed`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm, failureRate: Rate(perSecond: 1, burst: 2))
    let guesser = Visitor(token: TokenSecret.random())
    for _ in 0..<2 { #expect(try await test.say(service, guesser, "GET", Routes.account).status == 401) }
    #expect(try await test.say(service, guesser, "GET", Routes.account).status == 429)
    #expect(try await test.say(service, Visitor(key: key(3)), "GET", Routes.account).status == 429)
    #expect(try await test.say(service, Visitor(), "GET", Routes.farm).status == 200)
    var elsewhere = Visitor(key: key(3))
    elsewhere.address = "192.0.2.8"
    #expect(try await test.say(service, elsewhere, "GET", Routes.account).status == 200)
    test.clock.advance(1_000)
    #expect(try await test.say(service, Visitor(key: key(3)), "GET", Routes.account).status == 200)
  }

  @Test func `a request for another farm, and one that came before, are refused`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm)
    let visitor = Visitor(key: key(3))
    let other = try visitor.request("GET", Routes.account, atMS: test.clock.nowMS, host: "other.example")
    #expect(Said(await service.reply(to: other)).code == .wrongSignature)
    let mine = try visitor.request("GET", Routes.account, atMS: test.clock.nowMS)
    #expect(Said(await service.reply(to: mine)).status == 200)
    let again = Said(await service.reply(to: mine))
    #expect(again.code == .replayed && again.headers["WWW-Authenticate"] == "Bearer")
  }

  @Test func `before the farm knows its names only open routes are answered`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = FarmService(farm, sceneCheck: TestSceneCheck())
    #expect(try await test.say(service, Visitor(), "GET", Routes.farm).status == 200)
    let said = try await test.say(service, Visitor(key: key(3)), "GET", Routes.account)
    #expect(said.status == 503 && said.headers["Retry-After"] == "1")
  }

  @Test func `another method is refused with those that there are`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm)
    let said = try await test.say(service, Visitor(), "PATCH", Routes.jobs)
    #expect(said.status == 405 && said.headers["Allow"] == "GET, POST" && said.code == .wrongMethod)
  }

  @Test func `a large body of nobody is refused before it is read`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm)
    let digest = Digest(of: [1, 2, 3])
    func before(_ visitor: Visitor) throws -> Refusal.Code? {
      let request = try visitor.request("PUT", Routes.blob(digest), [1, 2, 3], atMS: test.clock.nowMS)
      return service.refusal(beforeBodyOf: request).flatMap { Said($0).code }
    }
    #expect(try before(Visitor()) == .unauthorized)
    #expect(try before(Visitor(key: farm.keys.verifier)) == .forbidden)
    #expect(try before(Visitor(key: key(3))) == nil)
    let request = try Visitor(key: key(3)).request(
      "PUT", Routes.blob(digest), [1, 2, 3], atMS: test.clock.nowMS)
    #expect(service.refusal(beforeBodyOf: request) == nil)
    #expect(Said(await service.reply(to: request)).status == 201, "looking ahead uses no nonce up")
  }
}
