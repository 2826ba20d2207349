import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Testing

@Suite struct FarmFlowTests {
  private let submitter = TestFarm.submitter.publicKey

  @Test func `a job becomes frames, and each tile is paid once`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    try await TestFarm.work(worker, at: farm)
    try await farm.settle()

    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.state == .completed)
    #expect(status.framesDone == [3, 4])
    let tiles = (0..<4).map { TestRender.fragment(terms, TileIndex($0)) }
    #expect(status.work == tiles.reduce(0) { $0 + $1.totalWork })

    let pays = tiles.map { Pricing.tilePay(work: $0.totalWork, terms: terms) }
    let fees = pays.map { Pricing.verifierFee($0) + Pricing.coordinatorFee($0) }
    #expect(status.spent == (pays + fees).reduce(.zero, +))
    let paid = try await farm.statement(of: worker.name)
    #expect(paid.balances == ["\(AccountID.holdback(worker.name))": pays.reduce(.zero, +)])
    let rest = try await farm.statement(of: submitter)
    #expect(rest.balances == ["\(AccountID.submitter(submitter))": TestFarm.deposit.amount - status.spent])
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `fragments are to be had, small ones from the store and large ones from their files`()
    async throws
  {
    for (side, isFile) in [(8, false), (96, true)] as [(UInt32, Bool)] {
      let test = TestFarm()
      var terms = test.terms(columns: 1, frames: 1)
      (terms.widthPX, terms.heightPX, terms.tileSidePX) = (side, side, side)
      let farm = try await test.openWithJob(terms)
      let worker = TestWorker(1)
      _ = try await farm.join(worker.joining, as: worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
      let body = try worker.result(lease.assignments[0].record, lease.terms)
      _ = try await farm.accept(body, from: worker.name)
      try await farm.settle()
      #expect(try await farm.status(of: terms.id, for: submitter).state == .completed)
      let fragment = try ResultEnvelope(decoding: body).fragment
      #expect((fragment.count > Limits.fragmentRowBytesMax) == isFile)
      #expect(try farm.blobs.get(Digest(of: fragment)) == (isFile ? fragment : nil))
      #expect(try await farm.fragmentRow(Digest(of: fragment)) == (isFile ? nil : fragment))
      let service = try await test.service(farm)
      let path = Routes.blob(Digest(of: fragment))
      let said = try await test.say(service, Visitor(key: key(3)), "GET", path)
      #expect(said.status == 200 && (isFile || said.body == fragment))
    }
  }

  @Test func `a frame has the workers' bits`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    let path = try await farm.framePath(terms.id, 4, format: "exr", for: submitter)
    let frame = try EXRReader.decode(Array(Data(contentsOf: URL(fileURLWithPath: path)))).frame
    for tile in [TileIndex(2), TileIndex(3)] {
      let fragment = TestRender.fragment(terms, tile)
      #expect(frame.fragment(at: fragment.rect) == fragment)
    }
    _ = try await farm.framePath(terms.id, 4, format: "png", for: submitter)
  }

  @Test func `pay leaves holdback after enough later tiles, the rest after a day`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 10, frames: 2)
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    try await TestFarm.work(worker, at: farm)
    try await farm.settle()
    let pays = (0..<20).map {
      Pricing.tilePay(work: TestRender.fragment(terms, TileIndex($0)).totalWork, terms: terms)
    }
    let payable = "\(AccountID.payable(worker.name))"
    // Tiles 0 to 3 have sixteen later ones.
    #expect(try await farm.statement(of: worker.name).balances[payable] == pays.prefix(4).reduce(.zero, +))
    test.clock.advance(Limits.holdbackMS)
    try await farm.tick()
    #expect(try await farm.statement(of: worker.name).balances == [payable: pays.reduce(.zero, +)])
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `a wrong tile is void and unpaid, goes to another, and three ban its worker`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 3, frames: 1)
    let farm = try await test.openWithJob(terms)
    let (cheat, honest) = (TestWorker(9), TestWorker(1))
    _ = try await farm.join(honest.joining, as: honest.name)
    try await TestFarm.work(cheat, at: farm) { halves, _ in for i in halves.indices { halves[i] ^= 1 } }
    try await farm.settle()
    var status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.tilesVoided == 3)
    #expect(status.spent == .zero)
    #expect(try await farm.statement(of: cheat.name).balances.isEmpty)
    #expect(try await farm.statement(of: cheat.name).lines.map(\.state) == ["void", "void", "void"])
    await #expect { try await farm.lease(LeaseRequest(), for: cheat.name) } throws: {
      ($0 as? Refusal)?.code == .banned
    }
    try await TestFarm.work(honest, at: farm)
    try await farm.settle()
    status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.state == .completed)
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `a tile rendered from another device scene is void`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
    let body = try worker.result(
      lease.assignments[0].record, terms, claim: { $0.deviceScene = Digest(of: [5]) })
    _ = try await farm.accept(body, from: worker.name)
    try await farm.settle()
    #expect(try await farm.status(of: terms.id, for: submitter).tilesVoided == 1)
  }

  @Test func `a cancelled job pays what was returned and gives the rest back`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
    _ = try await farm.accept(worker.result(lease.assignments[0].record, terms), from: worker.name)
    #expect(try await farm.cancel(terms.id, by: submitter).state == .cancelled)
    #expect(try await farm.lease(LeaseRequest(), for: worker.name).lease == nil)
    try await farm.settle()
    let status = try await farm.status(of: terms.id, for: submitter)
    let pay = Pricing.tilePay(work: TestRender.fragment(terms, TileIndex(0)).totalWork, terms: terms)
    #expect(status.spent == pay + Pricing.verifierFee(pay) + Pricing.coordinatorFee(pay))
    let balance = try await farm.statement(of: submitter).balances["\(AccountID.submitter(submitter))"]
    #expect(balance == TestFarm.deposit.amount - status.spent)
  }

  @Test func `without a verifier tiles wait, unpaid, until one is there`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    var farm: FarmCoordinator? = try await test.openWithJob(terms, verifier: nil)
    if let farm {
      try await TestFarm.work(TestWorker(1), at: farm)
      try await farm.settle()
      #expect(try await farm.status(of: terms.id, for: submitter).tilesPending == 4)
      try await farm.close()
    }
    farm = nil
    let again = try await test.open()
    try await again.settle()
    #expect(try await again.status(of: terms.id, for: submitter).state == .completed)
    #expect(try await again.audit().findings.isEmpty)
  }

  @Test func `the secret of each hour is revealed and the published log stands an audit`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let farm = try await test.openWithJob(terms)
    try await TestFarm.work(TestWorker(1), at: farm)
    test.clock.advance(3_600_000)
    try await farm.tick()
    try await farm.settle()
    try await farm.close()
    let storage = DiskLogStorage(directory: farm.logFiles.root)
    let key = try await LogDirectory.announcedKey(in: storage)
    #expect(key.publicKey == farm.keys.coordinator.publicKey)
    let contents = try await LogDirectory(storage: storage, key: key).read()
    let report = LogAuditor.audit(contents.entries)
    #expect(report.findings.isEmpty)
    #expect(report.tilesVerified == 4)
    let secrets = contents.entries.count {
      if case .epochClosed = $0.body { true } else { false }
    }
    #expect(secrets == 2)
  }

  @Test func `watchers see each change and the end`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(terms)
    let sink = TestSink()
    try await farm.watch(terms.id, for: submitter, into: sink)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    let statuses = try sink.received.map { try WireJSON.decode(JobStatus.self, from: $0) }
    #expect(statuses.map(\.tilesLeased) == [0, 1, 0, 0, 0, 0])
    #expect(statuses.map(\.tilesVerified) == [0, 0, 0, 1, 1, 1])
    #expect(statuses.last?.state == .completed)
    #expect(sink.isClosed)
  }
}
