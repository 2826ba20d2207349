import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Synchronization
import Testing

/// A verifier that cannot render one frame, or nothing at all.
private struct Stubborn: ProbeRendering {
  struct Broken: Error, CustomStringConvertible { let description = "out of memory" }
  let frame: UInt32
  let isWell: Bool
  let tries = Counter()

  func kernelSet() async throws -> Digest {
    guard isWell else { throw Broken() }
    return Digest(of: [2])
  }
  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    guard isWell, scene.frame != frame else {
      tries.add()
      throw Broken()
    }
    return try await TestVerifier().probe(scene, pixels: pixels, pass: pass)
  }
  func stop() async {}
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

@Suite struct UnverifiableTests {
  private let submitter = TestFarm.submitter.publicKey

  /// Settles, as long as the clock has to move for it.
  private func settle(_ farm: FarmCoordinator, _ test: TestFarm) async throws {
    for _ in 0..<20 {
      try await farm.settle()
      test.clock.advance(2_000)
    }
  }

  @Test func `a frame that cannot be checked stops its job, and nobody is to blame`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 2, frames: 2)
    let verifier = Stubborn(frame: 3, isWell: true)
    let farm = try await test.openWithJob(terms, verifier: verifier)
    let worker = TestWorker(1)
    try await TestFarm.work(worker, at: farm)
    try await settle(farm, test)
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.state == .failed)
    #expect(status.reason == "the farm cannot render frame 3 to check it: out of memory")
    #expect(status.tilesPending == 0)
    #expect(status.tilesVerified == 2, "the other frame's tiles are judged and paid")
    #expect(verifier.tries.value == 4)
    let earned = try await farm.statement(of: worker.name).balances.values.reduce(.zero, +)
    let pays = [2, 3].map { TestRender.fragment(terms, TileIndex($0)).totalWork }.map {
      Pricing.tilePay(work: $0, terms: terms)
    }
    #expect(earned == pays.reduce(.zero, +))
    let rest = try await farm.statement(of: submitter).balances
    #expect(rest == ["\(AccountID.submitter(submitter))": TestFarm.deposit.amount - status.spent])
    #expect(try await farm.audit().findings.isEmpty)
    // No strike: the worker still gets work.
    let other = test.terms(columns: 1, frames: 1, nonce: 2)
    _ = try await farm.submit(test.submission(other), from: submitter, checkedBy: TestSceneCheck())
    #expect(try await farm.lease(LeaseRequest(), for: worker.name).lease != nil)
  }

  @Test func `a frame is tried again after the clock went back by years`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 2, frames: 1)
    let verifier = Stubborn(frame: 3, isWell: true)
    let farm = try await test.openWithJob(terms, verifier: verifier)
    test.clock.advance(365 * 86_400_000)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    #expect(verifier.tries.value == 1)
    test.clock.goBack(365 * 86_400_000)
    try await settle(farm, test)
    #expect(try await farm.status(of: terms.id, for: submitter).state == .failed)
  }

  @Test func `a cancelled job that cannot be checked gets its money back`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 2, frames: 1)
    let farm = try await test.openWithJob(terms, verifier: Stubborn(frame: 3, isWell: true))
    try await TestFarm.work(TestWorker(1), at: farm)
    #expect(try await farm.cancel(terms.id, by: submitter).tilesPending == 2)
    try await settle(farm, test)
    #expect(try await farm.status(of: terms.id, for: submitter).tilesPending == 0)
    let rest = try await farm.statement(of: submitter).balances
    #expect(rest == ["\(AccountID.submitter(submitter))": TestFarm.deposit.amount])
  }

  @Test func `tiles of other jobs do not wait behind a frame that cannot be checked`() async throws {
    let test = TestFarm()
    let stuck = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(stuck, verifier: Stubborn(frame: 3, isWell: true))
    let worker = TestWorker(1)
    try await TestFarm.work(worker, at: farm)
    var good = test.terms(columns: 1, frames: 1, nonce: 2)
    (good.firstFrame, good.lastFrame) = (9, 9)
    _ = try await farm.submit(test.submission(good), from: submitter, checkedBy: TestSceneCheck())
    try await TestFarm.work(worker, at: farm)
    try await farm.settle()
    #expect(try await farm.status(of: good.id, for: submitter).state == .completed)
    #expect(try await farm.status(of: stuck.id, for: submitter).tilesPending == 1)
  }

  @Test func `a verifier that is not well blames no frame`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 1)
    let farm = try await test.openWithJob(terms, verifier: Stubborn(frame: 0, isWell: false))
    try await TestFarm.work(TestWorker(1), at: farm)
    for _ in 0..<10 {
      await #expect(throws: Stubborn.Broken.self) { try await farm.settle() }
      test.clock.advance(60_000)
    }
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.state == .running)
    #expect(status.tilesPending == 1)
  }

  @Test func `a paused job stays paused over a restart, and ends in order when it goes on`() async throws {
    let test = TestFarm()
    let terms = test.terms()
    let worker = TestWorker(1)
    var farm: FarmCoordinator? = try await test.openWithJob(terms)
    if let farm {
      _ = try await farm.join(worker.joining, as: worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
      #expect(try await farm.pause(terms.id, by: submitter).state == .paused)
      #expect(try await farm.lease(LeaseRequest(), for: worker.name).lease == nil)
      _ = try await farm.accept(worker.result(lease.assignments[0].record, terms), from: worker.name)
      try await farm.settle()
      #expect(try await farm.status(of: terms.id, for: submitter).tilesVerified == 1)
    }
    farm = nil
    let again = try await test.open()
    #expect(try await again.status(of: terms.id, for: submitter).state == .paused)
    #expect(try await again.lease(LeaseRequest(), for: worker.name).lease == nil)
    #expect(try await again.resume(terms.id, by: submitter).state == .running)
    try await TestFarm.work(worker, at: again)
    try await again.settle()
    #expect(try await again.status(of: terms.id, for: submitter).state == .completed)
    await #expect { try await again.pause(terms.id, by: submitter) } throws: {
      ($0 as? Refusal)?.code == .conflict
    }
    #expect(try await again.audit().findings.isEmpty)
  }
}
