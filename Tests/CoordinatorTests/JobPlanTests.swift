import Coordinator
import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

@Suite struct JobPlanTests {
  private func take(
    _ plan: inout JobPlan, _ frame: UInt32, _ limit: Int, fence: UInt64 = 1, by number: UInt8 = 1,
    others: [PublicKey] = []
  ) -> [UInt32] {
    plan.take(frame: frame, limit: limit, fence: fence, worker: worker(number), others: others)
      .map(\.tile.value)
  }

  private func pending(_ attempt: UInt32 = 0) -> JobPlan.Pending {
    JobPlan.Pending(worker: worker(1), attempt: attempt, commitment: Digest(of: [9]), logIndex: 4)
  }

  @Test func `tiles are given out frame by frame in raster order`() {
    var plan = smallPlan(columns: 3, rows: 2, frames: 2)
    var order: [UInt32] = []
    while let frame = plan.nextFrame(for: worker(1), preferred: nil, others: []) {
      order += take(&plan, frame, 2)
    }
    #expect(order == Array(0..<12))
    #expect(plan.leasedCount == 12)
    #expect(plan.queuedCount == 0)
  }

  @Test func `a tile's frame and rectangle follow the grid`() {
    let plan = smallPlan(columns: 3, rows: 2, frames: 2)
    #expect(plan.frame(of: TileIndex(5)) == 3)
    #expect(plan.frame(of: TileIndex(6)) == 4)
    let place = plan.terms.tile(TileIndex(10))
    #expect(place == TilePlace(frame: 4, pass: 0, rect: TileRect(x: 8, y: 8, width: 8, height: 8)))
    #expect(plan.terms.tiles(ofFrame: 4) == (6..<12).map { TileIndex($0) })
  }

  @Test func `the resident frame is preferred while it has work`() {
    var plan = smallPlan(columns: 2, frames: 3)
    #expect(plan.nextFrame(for: worker(1), preferred: 5, others: []) == 5)
    _ = take(&plan, 5, 2)
    #expect(plan.nextFrame(for: worker(1), preferred: 5, others: []) == 3)
    #expect(plan.nextFrame(for: worker(1), preferred: 99, others: []) == 3)
  }

  @Test func `a returned tile waits again before fresh ones and with the next attempt`() {
    var plan = smallPlan(columns: 4, frames: 1)
    #expect(take(&plan, 3, 2) == [0, 1])
    plan.released(TileIndex(0), fence: 1)
    let again = plan.take(frame: 3, limit: 2, fence: 2, worker: worker(2), others: [])
    #expect(again.map(\.tile.value) == [0, 2])
    #expect(again.map(\.attempt) == [1, 0])
  }

  @Test func `a frame is done when its last tile is verified`() {
    var plan = smallPlan(columns: 2, frames: 2)
    for tile in take(&plan, 3, 2) { plan.returned(TileIndex(tile), pending(), work: 10) }
    plan.verified(TileIndex(1))
    #expect(!plan.isFrameDone(3))
    plan.verified(TileIndex(0))
    #expect(plan.isFrameDone(3) && !plan.isFrameDone(4))
    #expect(!plan.isDone)
    #expect(plan.meanWork == 10)
  }

  @Test func `a tile that fails too often ends the job with the reason`() {
    var plan = smallPlan(columns: 1, frames: 1)
    for round in 1...Limits.tileAttemptsMax {
      #expect(take(&plan, 3, 1) == [0])
      let failure = plan.failed(TileIndex(0), fence: 1, by: worker(1), why: "silence")
      if round < Limits.tileAttemptsMax {
        #expect(failure == .requeued)
      } else {
        #expect(failure == .exhausted(reason: "tile 0 (frame 3) failed 5 times, last: silence"))
      }
    }
    #expect(plan.attempts(of: TileIndex(0)) == 5)
  }

  @Test func `a tile given back is nobody's failure`() {
    var plan = smallPlan(columns: 1, frames: 1)
    for _ in 0..<20 {
      #expect(take(&plan, 3, 1) == [0])
      plan.released(TileIndex(0), fence: 1)
    }
    #expect(plan.failures(of: TileIndex(0)).isEmpty)
  }

  @Test func `a worker is not given the tile it failed while another may take it`() {
    var plan = smallPlan(columns: 2, frames: 1)
    _ = take(&plan, 3, 2)
    _ = plan.failed(TileIndex(0), fence: 1, by: worker(1), why: "wrong bits")
    #expect(plan.nextFrame(for: worker(1), preferred: nil, others: [worker(9)]) == nil)
    #expect(plan.nextFrame(for: worker(1), preferred: nil, others: []) == 3)
    #expect(take(&plan, 3, 2, by: 2, others: [worker(9)]) == [0])
  }

  @Test func `a copied tile outlives the loss of either holder`() {
    for lost in [1, 2] as [UInt64] {
      var plan = smallPlan(columns: 1, frames: 1)
      _ = take(&plan, 3, 1, fence: 1)
      #expect(plan.duplicated(TileIndex(0), fence: 2) == 0, "the same attempt")
      #expect(plan.failed(TileIndex(0), fence: lost, by: worker(1), why: "silence") == .requeued)
      #expect(plan.state(of: TileIndex(0)) == .leased(fence: 3 - lost))
      #expect(plan.queuedCount == 0 && plan.duplicates.isEmpty)
      plan.released(TileIndex(0), fence: 3 - lost)
      #expect(plan.queuedCount == 1)
      #expect(plan.attempts(of: TileIndex(0)) == 1)
    }
  }

  @Test func `only so many tiles are in work as the money covers at their cap`() throws {
    var plan = smallPlan(columns: 4, frames: 1)
    let tile = try #require(Pricing.reservation(terms: plan.terms, tileCount: 1))
    plan.fund(tile + tile + Microcredits(tile.value - 1))
    #expect(take(&plan, 3, 4) == [0, 1])
    #expect(plan.nextFrame(for: worker(1), preferred: nil, others: []) == nil)
    #expect(plan.unfundedReason == nil, "what is in work may cost less")
    plan.released(TileIndex(0), fence: 1)
    plan.released(TileIndex(1), fence: 1)
    #expect(plan.unfundedReason == nil)
    plan.fund(Microcredits(tile.value - 1))
    #expect(try #require(plan.unfundedReason).hasPrefix("the budget is spent: 0 of 4 tiles"))
  }

  @Test func `a plan rebuilt from its stored tiles gives out the same tiles`() {
    var plan = smallPlan(columns: 4, rows: 2, frames: 2)
    _ = take(&plan, 3, 5)
    plan.returned(TileIndex(1), pending(), work: 40)
    plan.returned(TileIndex(3), pending(), work: 20)
    plan.verified(TileIndex(3))
    _ = plan.failed(TileIndex(2), fence: 1, by: worker(1), why: "wrong bits")
    let stored = (0..<UInt32(plan.tileCount)).map { TileIndex($0) }.filter { plan.attempts(of: $0) > 0 }
      .map { tile in
        StoredTile(
          tile: tile, state: plan.state(of: tile), attempts: plan.attempts(of: tile),
          failedBy: plan.failures(of: tile), pending: plan.pending[tile],
          work: [1: 40, 3: 20][tile.value])
      }
    var rebuilt = JobPlan(id: plan.id, terms: plan.terms, reservedAt: 7, stored: stored.reversed())
    #expect(rebuilt.leasedCount == plan.leasedCount)
    #expect(rebuilt.queuedCount == plan.queuedCount)
    #expect(rebuilt.meanWork == plan.meanWork)
    while let frame = plan.nextFrame(for: worker(2), preferred: nil, others: []) {
      #expect(rebuilt.nextFrame(for: worker(2), preferred: nil, others: []) == frame)
      #expect(take(&rebuilt, frame, 3, fence: 9, by: 2) == take(&plan, frame, 3, fence: 9, by: 2))
    }
    #expect(rebuilt.nextFrame(for: worker(2), preferred: nil, others: []) == nil)
  }
}
