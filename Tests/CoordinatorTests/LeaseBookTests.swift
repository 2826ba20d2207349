import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

@Suite struct LeaseBookTests {
  private func book(_ plans: JobPlan..., workers: UInt8 = 2) -> LeaseBook {
    var book = LeaseBook(nextFence: 1)
    for plan in plans { book.jobStarted(plan) }
    for number in 1...workers { book.workerJoined(worker(number), nowMS: 0) }
    return book
  }

  private func grant(
    _ book: inout LeaseBook, _ number: UInt8 = 1, at nowMS: UInt64 = 0,
    resident: LeaseRequest = LeaseRequest()
  ) throws -> (lease: HeldLease, assignments: [Assignment]) {
    let action = book.request(from: worker(number), resident: resident, nowMS: nowMS)
    guard case .grant(let lease, let assignments) = action else {
      throw Refusal(.busy, "expected a lease, got \(action)")
    }
    return (lease, assignments)
  }

  private func accept(
    _ book: inout LeaseBook, _ assignment: Assignment, work: UInt64 = 10, at nowMS: UInt64 = 0
  ) {
    book.accepted(
      assignment, commitment: assignment.digest, work: work, logIndex: assignment.fence, nowMS: nowMS)
  }

  @Test func `an unknown worker is told to join`() {
    var book = book(smallPlan())
    #expect(book.request(from: worker(9), resident: LeaseRequest(), nowMS: 0) == .refuse(.notFound))
  }

  @Test func `the first lease is one tile, later ones are sized by speed`() throws {
    var book = book(smallPlan(columns: 40, frames: 1))
    let first = try grant(&book)
    #expect(first.assignments.count == 1)
    accept(&book, first.assignments[0], work: 1_000, at: 1_000)
    // One tile a second: ten seconds are ten tiles.
    let second = try grant(&book, at: 1_000)
    #expect(second.assignments.count == 10)
    #expect(second.assignments.map(\.tile.value) == Array(1...10))
  }

  @Test func `a fast worker gets no more than the most, a slow one at least one`() {
    var fast = WorkerSpeed()
    fast.returned(work: 1_000_000, grantedMS: 0, nowMS: 1)
    #expect(fast.leaseTiles(meanWork: 1) == Limits.leaseTilesMax)
    var slow = WorkerSpeed()
    slow.returned(work: 1, grantedMS: 0, nowMS: 1_000_000)
    #expect(slow.leaseTiles(meanWork: 1_000) == 1)
  }

  @Test func `fences grow and every assignment names its lease`() throws {
    var book = book(smallPlan(columns: 8, frames: 1))
    var last: UInt64 = 0
    for number in [1, 2, 1, 2, 1] as [UInt8] {
      let (lease, assignments) = try grant(&book, number)
      #expect(lease.fence > last)
      last = lease.fence
      #expect(assignments.allSatisfy { $0.fence == lease.fence && $0.worker == worker(number) })
      #expect(assignments.allSatisfy { $0.reservedAt == 7 && $0.deadlineMS == Limits.leaseMS })
    }
  }

  @Test func `a worker holds three leases and no more`() throws {
    var book = book(smallPlan(columns: 8, frames: 1))
    for _ in 0..<LeaseBook.leasesPerWorkerMax { _ = try grant(&book) }
    #expect(book.request(from: worker(1), resident: LeaseRequest(), nowMS: 0) == .wait(retryAfterMS: 1_000))
  }

  @Test func `a farm without work lets workers wait`() throws {
    var book = book(smallPlan(columns: 1, frames: 1))
    _ = try grant(&book)
    #expect(book.request(from: worker(2), resident: LeaseRequest(), nowMS: 0) == .wait(retryAfterMS: 400))
  }

  @Test func `results are judged in the documented order`() throws {
    var book = book(smallPlan(columns: 2, frames: 1), workers: 3)
    let assignment = try grant(&book).assignments[0]
    let code = { (assignment: Assignment, sender: UInt8, acceptedAt: UInt64?) -> Refusal.Code? in
      guard case .refuse(let code, _) = book.judge(assignment, from: worker(sender), acceptedAt: acceptedAt)
      else {
        return nil
      }
      return code
    }
    #expect(book.judge(assignment, from: worker(1), acceptedAt: nil) == .accept(grantedMS: 0))
    #expect(book.judge(assignment, from: worker(9), acceptedAt: 4) == .alreadyAccepted(logIndex: 4))
    #expect(code(assignment, 9, nil) == .notFound)
    #expect(code(assignment, 2, nil) == .wrongAssignment)
    var other = assignment
    other.job = JobID(Digest(of: [5]))
    #expect(code(other, 1, nil) == .staleLease)
    other = assignment
    other.tile = TileIndex(2)
    #expect(code(other, 1, nil) == .wrongAssignment)
    other = assignment
    other.tile = TileIndex(1)
    #expect(code(other, 1, nil) == .staleLease)
    other = assignment
    other.fence += 1
    #expect(code(other, 1, nil) == .staleLease)
    for change: (inout Assignment) -> Void in [
      { $0.attempt += 1 }, { $0.deadlineMS += 1 }, { $0.reservedAt += 1 },
    ] {
      other = assignment
      change(&other)
      #expect(code(other, 1, nil) == .wrongAssignment)
    }
    accept(&book, assignment)
    #expect(code(assignment, 1, nil) == .conflict)
    _ = book.workerBanned(worker(1), nowMS: 0)
    #expect(code(assignment, 1, nil) == .banned)
  }

  @Test func `a silent worker's tiles return after the silence and its late result is refused`() throws {
    var book = book(smallPlan(columns: 1, frames: 1))
    let (lease, assignments) = try grant(&book)
    #expect(book.tick(nowMS: Limits.workerSilenceMS).isEmpty)
    let lost = book.tick(nowMS: Limits.workerSilenceMS + 1)
    #expect(lost.map(\.lease.fence) == [lease.fence])
    let again = try grant(&book, 2, at: Limits.workerSilenceMS + 1)
    #expect(again.assignments.map(\.attempt) == [1])
    guard case .refuse(.staleLease, _) = book.judge(assignments[0], from: worker(1), acceptedAt: nil) else {
      Issue.record("a late result was not refused")
      return
    }
  }

  @Test func `heartbeats keep the leases they name and no others`() throws {
    var book = book(smallPlan(columns: 4, frames: 1))
    let (kept, dropped) = (try grant(&book).lease.fence, try grant(&book).lease.fence)
    var nowMS: UInt64 = 0
    for _ in 0..<30 {
      nowMS += Limits.heartbeatMS
      #expect(book.heartbeat(from: worker(1), Heartbeat(fences: [kept]), nowMS: nowMS).reply.lost.isEmpty)
      _ = book.tick(nowMS: nowMS)
    }
    #expect(book.lease(kept) != nil)
    #expect(book.lease(dropped) == nil)
    #expect(
      book.heartbeat(from: worker(1), Heartbeat(fences: [kept, dropped]), nowMS: nowMS).reply.lost
        == [dropped])
    #expect(book.heartbeat(from: worker(2), Heartbeat(fences: [kept]), nowMS: nowMS).reply.lost == [kept])
  }

  @Test func `a worker that only says that it is alive loses its lease in the end`() throws {
    var book = book(smallPlan(columns: 1, frames: 1))
    let fence = try grant(&book).lease.fence
    var nowMS: UInt64 = 0
    while book.lease(fence) != nil && nowMS < 10 * LeaseBook.stallMS {
      nowMS += Limits.heartbeatMS
      _ = book.heartbeat(from: worker(1), Heartbeat(fences: [fence]), nowMS: nowMS)
      _ = book.tick(nowMS: nowMS)
    }
    #expect(nowMS > LeaseBook.stallMS && nowMS <= LeaseBook.stallMS + Limits.heartbeatMS)
  }

  @Test(arguments: [1_000, 3_600_000 + 1_000_000])
  func `a clock that jumps takes no lease from anybody, and silence counts on from there`(
    laterMS: UInt64
  ) throws {
    var book = book(smallPlan(columns: 1, frames: 1))
    book.workerJoined(worker(1), nowMS: 1_000_000)
    let fence = try grant(&book, at: 1_000_000).lease.fence
    _ = book.tick(nowMS: 1_000_000)
    #expect(book.tick(nowMS: laterMS).isEmpty)
    #expect(book.workersOnline(nowMS: laterMS) >= 1)
    #expect(book.tick(nowMS: laterMS + Limits.workerSilenceMS).isEmpty)
    #expect(book.tick(nowMS: laterMS + Limits.workerSilenceMS + 1).map(\.lease.fence) == [fence])
  }

  @Test func `released tiles are given out again at once`() throws {
    var book = book(smallPlan(columns: 1, frames: 1))
    let fence = try grant(&book).lease.fence
    let (reply, released) = book.heartbeat(
      from: worker(1), Heartbeat(fences: [], released: [fence]), nowMS: 5)
    #expect(reply.lost.isEmpty)
    #expect(released.map(\.lease.fence) == [fence])
    #expect(try grant(&book, 2).assignments.map(\.attempt) == [1])
  }

  @Test func `a banned worker loses its leases and gets none`() throws {
    var book = book(smallPlan(columns: 2, frames: 1))
    let fence = try grant(&book).lease.fence
    #expect(book.workerBanned(worker(1), nowMS: 0).map(\.lease.fence) == [fence])
    #expect(book.request(from: worker(1), resident: LeaseRequest(), nowMS: 0) == .refuse(.banned))
  }

  @Test func `an ended job gives out nothing and its leases are gone`() throws {
    let plan = smallPlan(columns: 4, frames: 1)
    var book = book(plan)
    let (lease, assignments) = try grant(&book)
    #expect(book.jobEnded(plan.id).map(\.fence) == [lease.fence])
    #expect(book.request(from: worker(1), resident: LeaseRequest(), nowMS: 0) == .wait(retryAfterMS: 400))
    guard case .refuse(.staleLease, _) = book.judge(assignments[0], from: worker(1), acceptedAt: nil) else {
      Issue.record("a result of an ended job was not refused")
      return
    }
  }
}
