import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// Tiles that failed everywhere, and what their submitter can do.
@Suite struct RequeueTests {
  private let submitter = TestFarm.submitter.publicKey
  private let workers = (1...UInt8(Limits.tileAttemptsMax)).map { TestWorker($0) }

  /// A farm whose job of a tile a frame is held, for every worker lost the first tile.
  private func held(_ test: TestFarm, _ terms: JobTerms) async throws -> FarmCoordinator {
    let farm = try await test.openWithJob(terms)
    for worker in workers {
      _ = try await farm.join(worker.joining, as: worker.name)
      let lease = try #require(try await farm.lease(LeaseRequest(), for: worker.name).lease)
      #expect(lease.frame == 3)
      test.clock.advance(Limits.workerSilenceMS + 1)
      try await farm.tick()
    }
    return farm
  }

  @Test func `a tile that five workers lose holds the job with the reason and its money`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 2)
    let farm = try await held(test, terms)
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.isHeld)
    #expect(status.reason.hasPrefix("tile 0 (frame 3) failed 5 times, last: worker"))
    let balances = try await farm.statement(of: submitter).balances
    #expect(balances["\(AccountID.escrow(terms.id))"] == status.budget)
    for worker in workers {
      #expect(
        try await farm.lease(LeaseRequest(), for: worker.name).lease == nil, "nothing more is given out")
    }
    #expect(try await farm.cancel(terms.id, by: submitter).state == .cancelled)
    let rest = try await farm.statement(of: submitter).balances["\(AccountID.submitter(submitter))"]
    #expect(rest == TestFarm.deposit.amount)
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `requeued, also after a restart, everyone may try again and the job is done`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 2)
    var farm: FarmCoordinator? = try await held(test, terms)
    _ = farm
    farm = nil
    let again = try await test.open()
    #expect(try await again.status(of: terms.id, for: submitter).isHeld, "held over a restart")
    let status = try await again.requeue(terms.id, RequeueRequest(), by: again.keys.operator)
    #expect(status.state == .running && status.reason.isEmpty)
    for worker in workers { _ = try await again.join(worker.joining, as: worker.name) }
    let lease = try #require(try await again.lease(LeaseRequest(), for: workers[0].name).lease)
    #expect(lease.frame == 3, "one that lost it gets it again")
    let result = try workers[0].result(lease.assignments[0].record, lease.terms)
    _ = try await again.accept(result, from: workers[0].name)
    try await TestFarm.work(workers[1], at: again)
    try await again.settle()
    #expect(try await again.status(of: terms.id, for: submitter).state == .completed)
    #expect(try await again.audit().findings.isEmpty)
  }

  @Test func `of the frame that is named only`() async throws {
    var plan = smallPlan(columns: 1, frames: 2)
    for frame in [3, 4] as [UInt32] {
      let tile = plan.take(
        frame: frame, limit: 1, fence: UInt64(frame), worker: worker(1), others: [worker(9)])[0].tile
      _ = plan.failed(tile, fence: UInt64(frame), by: worker(1), why: "silence")
    }
    #expect(plan.forgive(frame: 4) == [TileIndex(1)])
    #expect(plan.nextFrame(for: worker(1), preferred: nil, others: [worker(9)]) == 4)
    #expect(plan.failures(of: TileIndex(0)) == [worker(1)])
    #expect(plan.forgive(frame: nil) == [TileIndex(0)])
  }

  @Test func `what is over stays over, and what is not there or not theirs is refused`() async throws {
    let test = TestFarm()
    let terms = test.terms(columns: 1, frames: 2)
    let farm = try await test.openWithJob(terms)
    await #expect { try await farm.requeue(terms.id, RequeueRequest(frame: 9), by: submitter) } throws: {
      ($0 as? Refusal)?.code == .badRequest
    }
    await #expect { try await farm.requeue(terms.id, RequeueRequest(), by: worker(9)) } throws: {
      ($0 as? Refusal)?.code == .notFound
    }
    _ = try await farm.cancel(terms.id, by: submitter)
    await #expect { try await farm.requeue(terms.id, RequeueRequest(), by: submitter) } throws: {
      ($0 as? Refusal)?.code == .conflict
    }
  }
}
