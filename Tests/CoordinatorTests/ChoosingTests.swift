import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// Which job a worker gets.
@Suite struct ChoosingTests {
  private func plan(
    _ submitter: UInt8, nonce: UInt8 = 1, columns: UInt32 = 64, deadlineMS: UInt64? = nil, priority: Int = 5,
    bundle: UInt8 = 1, expectedWork: UInt64? = nil
  ) -> JobPlan {
    let terms = smallTerms(
      columns: columns, frames: 1, nonce: nonce, submitter: worker(submitter), bundle: Digest(of: [bundle]))
    return JobPlan(
      id: terms.id, terms: terms, reservedAt: 7, expectedWork: expectedWork, deadlineMS: deadlineMS,
      priority: priority)
  }

  private func book(_ plans: [JobPlan], workers: UInt8 = 60) -> LeaseBook {
    var book = LeaseBook(nextFence: 1)
    for number in 1...workers { book.workerJoined(worker(number), nowMS: 0) }
    for plan in plans { book.jobStarted(plan) }
    return book
  }

  private func jobs(
    _ book: inout LeaseBook, _ count: UInt8, resident: JobID? = nil, from first: UInt8 = 1
  ) throws -> [JobID] {
    try (first..<first + count).map { number in
      let request = LeaseRequest(residentJob: resident, residentFrame: resident == nil ? nil : 3)
      guard case .grant(let lease, _) = book.request(from: worker(number), resident: request, nowMS: 0) else {
        throw Refusal(.busy, "worker \(number) got nothing")
      }
      return lease.job
    }
  }

  @Test func `submitters are served in turn, however many jobs each has`() throws {
    let (a1, a2, b) = (plan(201), plan(201, nonce: 2), plan(202))
    var book = book([a1, a2, b])
    #expect(try jobs(&book, 6) == [a1.id, b.id, a1.id, b.id, a1.id, b.id])
  }

  @Test func `tiles of more rays count for more`() throws {
    let (light, heavy) = (plan(201, expectedWork: 100), plan(202, expectedWork: 300))
    var book = book([light, heavy])
    let served = try jobs(&book, 40)
    #expect(served.count { $0 == light.id } == 30)
  }

  @Test func `tiles of which nothing is known count as others' do`() throws {
    let (known, unknown) = (plan(201, expectedWork: 1_000), plan(202))
    var book = book([known, unknown])
    #expect(try jobs(&book, 20).count { $0 == unknown.id } == 10)
  }

  @Test func `of one submitter's jobs the higher goes first, then the earlier deadline, then the older`()
    throws
  {
    let far = UInt64(1) << 40
    let old = plan(201, nonce: 1, columns: 1)
    let late = plan(201, nonce: 2, columns: 1, deadlineMS: far + 9)
    let early = plan(201, nonce: 3, columns: 1, deadlineMS: far)
    let high = plan(201, nonce: 4, columns: 1, priority: 6)
    var book = book([old, late, early, high])
    #expect(try jobs(&book, 4) == [high.id, early.id, late.id, old.id])
  }

  @Test func `a scene that is loaded stays a little longer, also for another job of the same files`() throws {
    let (a, b) = (plan(201), plan(202, bundle: 2))
    var fair = book([a, b])
    let served = try jobs(&fair, 20, resident: b.id)
    #expect(served.count { $0 == b.id } == 12)
    let (c, d) = (plan(201, bundle: 3), plan(202, nonce: 9, bundle: 2))
    var again = book([c, d, b])
    #expect(try jobs(&again, 1, resident: b.id) == [d.id])
  }

  @Test func `a binding deadline goes first, but others still get a lease in four`() throws {
    let (calm, urgent) = (plan(201), plan(202, deadlineMS: 500_000))
    var book = book([calm, urgent])
    let served = try jobs(&book, 16)
    #expect(served.count { $0 == urgent.id } == 12)
    for start in 0...12 { #expect(served[start..<start + 4].contains(calm.id)) }
  }

  @Test func `a deadline that is far, or past, binds nobody`() throws {
    for deadlineMS in [0, 1 << 40] as [UInt64] {
      let (calm, other) = (plan(201), plan(202, deadlineMS: deadlineMS))
      var book = book([calm, other])
      #expect(try jobs(&book, 4) == [calm.id, other.id, calm.id, other.id])
    }
  }

  @Test func `a paused job gives out nothing and takes what is in work`() throws {
    let plan = plan(201)
    var book = book([plan])
    guard case .grant(_, let assignments) = book.request(from: worker(1), resident: LeaseRequest(), nowMS: 0)
    else { throw Refusal(.busy, "no lease") }
    book.jobPaused(plan.id)
    #expect(book.request(from: worker(2), resident: LeaseRequest(), nowMS: 5_000) == .wait(retryAfterMS: 400))
    #expect(book.judge(assignments[0], from: worker(1), acceptedAt: nil) == .accept(grantedMS: 0))
    book.jobResumed(plan.id)
    #expect(try jobs(&book, 1, from: 2) == [plan.id])
  }

  @Test func `the last tiles are spread over everyone who is there`() throws {
    let plan = plan(201, columns: 12, expectedWork: 1)
    var book = book([plan], workers: 4)
    var sizes: [Int] = []
    for number in 1...4 as ClosedRange<UInt8> {
      // A worker so fast that ten seconds of it were the whole job.
      book.workers[worker(number)]?.returned(from: "", work: 1_000_000, grantedMS: 0, nowMS: 1)
    }
    while case .grant(let lease, let assignments) = book.request(
      from: worker(UInt8(1 + sizes.count % 4)), resident: LeaseRequest(), nowMS: 0), !lease.isDuplicate
    {
      sizes.append(assignments.count)
    }
    #expect(sizes.reduce(0, +) == 12)
    #expect(sizes.first == 3)
    #expect(sizes.last == 1)
  }
}
