import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// Retry budgets, and copies of the last tiles.
@Suite struct RetryTests {
  private func book(_ plan: JobPlan, workers: UInt8) -> LeaseBook {
    var book = LeaseBook(nextFence: 1)
    book.jobStarted(plan)
    for number in 1...workers { book.workerJoined(worker(number), nowMS: 0) }
    return book
  }

  private func grant(
    _ book: inout LeaseBook, _ number: UInt8, at nowMS: UInt64
  ) -> (lease: HeldLease, assignments: [Assignment])? {
    guard
      case .grant(let lease, let assignments) = book.request(
        from: worker(number), resident: LeaseRequest(), nowMS: nowMS)
    else { return nil }
    return (lease, assignments)
  }

  private func giveBack(_ book: inout LeaseBook, _ number: UInt8, _ fence: UInt64, at nowMS: UInt64)
    -> [LostLease]
  {
    let failure = LeaseFailure(fence: fence, reason: "no space left")
    return book.heartbeat(
      from: worker(number), Heartbeat(fences: [], released: [fence], failures: [failure]), nowMS: nowMS
    ).released
  }

  @Test func `a worker that fails a job again and again is kept off it, and others are not`() throws {
    var book = book(smallPlan(columns: 8, frames: 1), workers: 2)
    for _ in 0..<Strikes.most {
      let fence = try #require(grant(&book, 1, at: 0)).lease.fence
      _ = giveBack(&book, 1, fence, at: 0)
    }
    #expect(grant(&book, 1, at: 0) == nil)
    #expect(book.waitingReason(smallPlan(columns: 8, frames: 1).id, nowMS: 0) == nil, "the other may take it")
    #expect(grant(&book, 2, at: 0) != nil)
    // After a pause it may try once more.
    book.workerJoined(worker(2), nowMS: Strikes.pauseMS)
    book.workers[worker(2)]?.banned = true
    let again = try #require(grant(&book, 1, at: Strikes.pauseMS))
    _ = giveBack(&book, 1, again.lease.fence, at: Strikes.pauseMS)
    #expect(grant(&book, 1, at: Strikes.pauseMS + 1) == nil)
    let reason = book.waitingReason(again.lease.job, nowMS: Strikes.pauseMS + 1)
    #expect(reason?.hasPrefix("no worker online takes it: 1 failed it 3 times in a row") ?? false)
  }

  @Test func `a tile that everybody online failed is given out again, until its attempts are spent`() throws {
    var book = book(smallPlan(columns: 1, frames: 1), workers: 2)
    for number in [1, 2, 1, 2] as [UInt8] {
      let fence = try #require(grant(&book, number, at: 0), "worker \(number)").lease.fence
      let isSpent = giveBack(&book, number, fence, at: 0).contains { !$0.exhausted.isEmpty }
      #expect(!isSpent)
    }
    #expect(grant(&book, 2, at: 0) != nil)
    // A third, who did not fail it, comes first.
    var other = self.book(smallPlan(columns: 1, frames: 1), workers: 3)
    _ = giveBack(&other, 1, try #require(grant(&other, 1, at: 0)).lease.fence, at: 0)
    _ = giveBack(&other, 2, try #require(grant(&other, 2, at: 0)).lease.fence, at: 0)
    #expect(grant(&other, 1, at: 0) == nil)
    #expect(grant(&other, 3, at: 0) != nil)
  }

  @Test func `a failed tile does not wait for those who cannot take it`() throws {
    let terms = smallTerms(columns: 1, frames: 1)
    var book = book(
      JobPlan(id: terms.id, terms: terms, reservedAt: 7, memoryBytes: 2_000), workers: 4)
    let fence = try #require(grant(&book, 1, at: 0)).lease.fence
    // One has too little memory, one is kept off the job, one rests later: it is there and asks for nothing.
    let little = WorkerOffer(device: "0.0", memoryBytesMax: 1_000)
    for (number, offer) in [(2, little), (3, nil), (4, nil)] as [(UInt8, WorkerOffer?)] {
      let answer = book.request(from: worker(number), resident: LeaseRequest(offer: offer), nowMS: 0)
      guard case .wait = answer else {
        Issue.record("worker \(number) got \(answer)")
        return
      }
    }
    for _ in 0..<Strikes.most { book.strike(worker(3), terms.id, nowMS: 0) }
    _ = giveBack(&book, 1, fence, at: 0)
    #expect(grant(&book, 1, at: 1) == nil, "the fourth could take it")
    let laterMS = 2 * Limits.workerSilenceMS + 1
    for number in 1...4 as ClosedRange<UInt8> {
      _ = book.heartbeat(from: worker(number), Heartbeat(fences: []), nowMS: laterMS)
    }
    #expect(grant(&book, 1, at: laterMS) != nil)
  }

  @Test func `a clock that goes back keeps nobody off a job`() throws {
    var strikes = Strikes()
    let (job, yearMS) = (smallPlan().id, UInt64(365 * 86_400_000))
    for _ in 0..<Strikes.most { strikes.failed(worker(1), job, nowMS: yearMS) }
    #expect(strikes.isKeptOff(worker(1), job, nowMS: yearMS + Strikes.pauseMS - 1))
    #expect(!strikes.isKeptOff(worker(1), job, nowMS: yearMS + Strikes.pauseMS))
    #expect(!strikes.isKeptOff(worker(1), job, nowMS: 0))
  }

  @Test func `a right tile wipes the slate`() throws {
    var strikes = Strikes()
    let job = smallPlan().id
    for _ in 0..<5 {
      strikes.failed(worker(1), job, nowMS: 0)
      strikes.failed(worker(1), job, nowMS: 0)
      strikes.succeeded(worker(1), job)
    }
    #expect(!strikes.isKeptOff(worker(1), job, nowMS: 0))
  }

  @Test func `a tile that nobody can do stops its job with a worker's reason`() throws {
    var book = book(smallPlan(columns: 1, frames: 1), workers: 5)
    var last: [LostLease] = []
    for number in 1...5 as ClosedRange<UInt8> {
      let fence = try #require(grant(&book, number, at: 0)).lease.fence
      last = giveBack(&book, number, fence, at: 0)
    }
    let reason = try #require(last.first?.exhausted.values.first)
    #expect(reason.hasPrefix("tile 0 (frame 3) failed 5 times, last: worker"))
    #expect(reason.hasSuffix("gave it back: no space left"))
  }

  @Test func `an idle worker gets copies of the last tiles and the first result counts`() throws {
    var book = book(smallPlan(columns: 4, frames: 1), workers: 2)
    book.workers[worker(1)]?.returned(from: "", work: 1_000_000, grantedMS: 0, nowMS: 1)
    var held: [Assignment] = []
    while let (lease, assignments) = grant(&book, 1, at: 0), held.count < 4 {
      #expect(!lease.isDuplicate)
      held += assignments
    }
    #expect(held.count == 3, "three leases of a tile each")
    _ = try #require(grant(&book, 2, at: 0))
    #expect(grant(&book, 2, at: LeaseBook.helpAfterMS) == nil, "who has work does not help")
    book.workerJoined(worker(3), nowMS: 0)
    #expect(grant(&book, 3, at: LeaseBook.helpAfterMS - 1) == nil, "nobody helps at once")
    let help = try #require(grant(&book, 3, at: LeaseBook.helpAfterMS))
    #expect(help.lease.isDuplicate)
    #expect(help.assignments.map(\.attempt) == [0], "the same attempt")
    let tile = help.assignments[0].tile

    let first = try #require(held.first { $0.tile == tile })
    let ended = book.accepted(
      help.assignments[0], commitment: Digest(of: [1]), work: 9, logIndex: 1, nowMS: 2_000)
    #expect(ended == first.fence, "the other's lease held nothing else")
    guard case .refuse(.conflict, _) = book.judge(first, from: worker(1), acceptedAt: nil) else {
      Issue.record("a second result was not refused")
      return
    }
  }

  @Test func `a holder is told which of its tiles others returned`() throws {
    let plan = smallPlan(columns: 6, frames: 1)
    var book = LeaseBook(nextFence: 1)
    book.jobStarted(JobPlan(id: plan.id, terms: plan.terms, reservedAt: 7, expectedWork: 1))
    book.workerJoined(worker(1), nowMS: 0)
    book.workers[worker(1)]?.returned(from: "", work: 1_000_000, grantedMS: 0, nowMS: 1)
    let own = try #require(grant(&book, 1, at: 0))
    #expect(own.assignments.count == 6)
    book.workerJoined(worker(2), nowMS: 0)
    let help = try #require(grant(&book, 2, at: LeaseBook.helpAfterMS))
    let tile = try #require(help.assignments.last)
    #expect(own.assignments.map(\.tile).contains(tile.tile))
    _ = book.accepted(tile, commitment: Digest(of: [1]), work: 9, logIndex: 1, nowMS: 2_000)
    let reply = book.heartbeat(from: worker(1), Heartbeat(fences: [own.lease.fence]), nowMS: 2_000).reply
    #expect(reply.taken == [TakenTiles(fence: own.lease.fence, tiles: [tile.tile])])
    #expect(book.lease(own.lease.fence)?.outstanding.count == 5)
  }
}
