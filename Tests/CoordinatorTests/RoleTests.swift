import Coordinator
import Cryptography
import Durability
import FarmProtocol
import Settlement
import Testing

/// Who may do what: every route by everyone who can come.
@Suite struct RoleTests {
  /// Written by hand, beside the table that the program uses: a(nyone), r(ead token), t(oken that submits),
  /// s(ubmitter), w(orker), v(erifier), o(perator).
  private static let allowed: [Route: String] = [
    .ready: "artswvo", .metrics: "artswvo", .putBatch: "tswo", .uploadStatus: "tswo", .putPiece: "tswo",
    .quoteJob: "tswo", .pauseJob: "tswo", .resumeJob: "tswo", .requeueJob: "tswo",
    .health: "artswvo", .openAPI: "artswvo", .farm: "artswvo", .logFile: "artswvo",
    .missingBlobs: "tswo", .putBlob: "tswo", .getBlob: "tswvo",
    .submitJob: "tswo", .cancelJob: "tswo",
    .listJobs: "rtswo", .job: "rtswo", .jobEvents: "rtswo", .frame: "rtswo",
    .preview: "rtswo", .account: "rtswo",
    .join: "sw", .lease: "w", .heartbeat: "w", .result: "w",
    .listTokens: "swo", .createToken: "swo", .revokeToken: "swo",
    .deposit: "o", .ban: "o",
  ]

  private func token(_ scope: TokenScope, of key: SigningKey, at farm: FarmCoordinator) async throws -> String
  {
    let secret = TokenSecret.random()
    let hash = try #require(TokenSecret.hash(of: secret))
    _ = try await farm.add(
      TokenRequest(hash: hash, name: "", scope: scope, expiresMS: 2_000_000), of: key.publicKey)
    return secret
  }

  private func visitors(_ test: TestFarm, _ farm: FarmCoordinator) async throws -> [Character: Visitor] {
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let keeper = TestFarm.submitter
    return [
      "a": Visitor(), "s": Visitor(key: key(3)), "w": Visitor(key: worker.key),
      "r": Visitor(token: try await token(.read, of: keeper, at: farm)),
      "t": Visitor(token: try await token(.submit, of: keeper, at: farm)),
      "v": Visitor(key: farm.keys.verifier),
      "o": Visitor(key: try KeyFile.load("\(test.root)/operator.key")),
    ]
  }

  @Test func `every route lets in whom it should, and nobody else`() async throws {
    #expect(Set(RoleTests.allowed.keys) == Set(Route.allCases))
    let test = TestFarm()
    let farm = try await test.open()
    let visitors = try await visitors(test, farm)
    let service = try await test.service(farm)
    for route in Route.allCases {
      let row = route.row
      let path = row.path.replacing("{digest}", with: Digest.zero.hex).replacing(
        "{job}", with: Digest.zero.hex
      ).replacing("{file}", with: "1.png").replacing("{offset}", with: "0").replacing("{size}", with: "1")
        .replacing("{path}", with: "tile/0/000")
      for (name, visitor) in visitors {
        let said = try await test.say(service, visitor, row.method, path)
        let isLetIn = !(said.status == 401 || said.status == 403 || isSentToJoin(said))
        let shouldBe = RoleTests.allowed[route]?.contains(name) ?? false
        #expect(isLetIn == shouldBe, "\(route) by \(name): \(said)")
        if !shouldBe, name == "a" { #expect(said.code == .unauthorized, "\(route): \(said)") }
      }
    }
  }

  private func isSentToJoin(_ said: Said) -> Bool {
    guard said.code == .notFound else { return false }
    return String(decoding: said.body, as: UTF8.self).contains("has not joined")
  }

  @Test func `who joins may work at once, and the farm's own keys never do`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    let service = try await test.service(farm)
    let worker = TestWorker(9)
    let visitor = Visitor(key: worker.key)
    let lease = try WireJSON.encode(LeaseRequest())
    #expect(try await test.say(service, visitor, "POST", Routes.leases, lease).code == .notFound)
    let join = try WireJSON.encode(worker.joining)
    #expect(try await test.say(service, visitor, "POST", Routes.workers, join).status == 200)
    #expect(try await test.say(service, visitor, "POST", Routes.leases, lease).status == 200)
    let house = Visitor(key: farm.keys.verifier)
    #expect(try await test.say(service, house, "POST", Routes.workers, join).code == .forbidden)
  }
}
