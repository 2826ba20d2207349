import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// What workers say of their devices decides which jobs they get, and how much of them.
@Suite struct OfferTests {
  private func plan(nonce: UInt8 = 1, price: Int64 = 3, memoryBytes: UInt64 = 0) -> JobPlan {
    let terms = smallTerms(columns: 64, frames: 8, nonce: nonce, price: price)
    return JobPlan(
      id: terms.id, terms: terms, reservedAt: 7, expectedWork: 1_000, memoryBytes: memoryBytes)
  }

  private func book(_ plans: JobPlan..., workers: UInt8 = 1) -> LeaseBook {
    var book = LeaseBook(nextFence: 1)
    for plan in plans { book.jobStarted(plan) }
    for number in 1...workers { book.workerJoined(worker(number), nowMS: 0) }
    return book
  }

  private func ask(
    _ book: inout LeaseBook, _ offer: WorkerOffer?, _ number: UInt8 = 1, at nowMS: UInt64 = 0
  ) -> (lease: HeldLease, assignments: [Assignment])? {
    let action = book.request(from: worker(number), resident: LeaseRequest(offer: offer), nowMS: nowMS)
    guard case .grant(let lease, let assignments) = action else { return nil }
    return (lease, assignments)
  }

  @Test func `a device gets only jobs that fit into its memory and pay its price`() {
    let (large, cheap) = (plan(memoryBytes: 2_000), plan(nonce: 2, price: 1))
    var book = book(large, cheap)
    #expect(ask(&book, WorkerOffer(device: "0.0", memoryBytesMax: 1_999))?.lease.job == cheap.id)
    #expect(ask(&book, WorkerOffer(device: "0.0", pricePerRayMin: Microcredits(2)))?.lease.job == large.id)
    #expect(ask(&book, WorkerOffer(device: "0.1", memoryBytesMax: 2_000))?.lease.job == large.id)
    let picky = WorkerOffer(device: "0.2", memoryBytesMax: 1_999, pricePerRayMin: Microcredits(2))
    #expect(ask(&book, picky) == nil)
    book.need(large.id, memoryBytes: 1_500)
    #expect(ask(&book, picky)?.lease.job == large.id, "what was measured counts, not what was thought")
  }

  @Test func `who may not render a job does not help with it either`() {
    let large = plan(memoryBytes: 2_000)
    var book = book(large, workers: 2)
    var lease = ask(&book, nil)
    while let more = ask(&book, WorkerOffer(device: "\(more(&book))", raysPerS: 1 << 40)) { lease = more }
    #expect(lease != nil)
    let later = LeaseBook.helpAfterMS + 1
    #expect(ask(&book, WorkerOffer(device: "0.0", memoryBytesMax: 1_999), 2, at: later) == nil)
    #expect(
      ask(&book, WorkerOffer(device: "0.0", memoryBytesMax: 2_000), 2, at: later)?.lease.isDuplicate == true)
  }

  /// A device that holds nothing.
  private func more(_ book: inout LeaseBook) -> Int { book.currentLeases.count }

  @Test func `each device has leases and a speed of its own`() throws {
    var book = book(plan())
    let (fast, slow) = (WorkerOffer(device: "0.0"), WorkerOffer(device: "0.1"))
    let first = try #require(ask(&book, fast))
    #expect(first.lease.device == "0.0")
    book.accepted(
      first.assignments[0], commitment: .zero, work: 1_000, logIndex: 1, nowMS: 100)
    // A tile in a tenth of a second, and nothing known of the other.
    let second = try #require(ask(&book, fast, at: 100))
    #expect(second.assignments.count > 10)
    #expect(try #require(ask(&book, slow, at: 100)).assignments.count == 1)
    #expect(book.speeds(nowMS: 100, house: 0.5).map(\.likely).sorted() == [0.5, 10])
    for _ in 1..<LeaseBook.leasesPerWorkerMax { _ = ask(&book, slow, at: 100) }
    #expect(ask(&book, slow, at: 100) == nil, "it holds as many as a device may")
    #expect(ask(&book, WorkerOffer(device: "0.2"), at: 100) != nil)
    let later = 100 + 2 * Limits.workerSilenceMS
    _ = book.heartbeat(from: worker(1), Heartbeat(fences: [second.lease.fence]), nowMS: later)
    _ = book.tick(nowMS: later)
    #expect(
      book.speeds(nowMS: later, house: 0.5) == [SpeedRange(known: 10)],
      "devices that neither ask nor hold are away")
  }

  @Test func `a first lease is sized by half of what the device says it can`() throws {
    var book = book(plan())
    // 2000 rays a second, half of it for ten seconds, tiles of a thousand.
    let offer = WorkerOffer(device: "0.0", raysPerS: 2_000)
    let first = try #require(ask(&book, offer))
    #expect(first.assignments.count == 10)
    book.accepted(first.assignments[0], commitment: .zero, work: 1_000, logIndex: 1, nowMS: 5_000)
    #expect(try #require(ask(&book, offer, at: 5_000)).assignments.count == 2, "what it did counts more")
  }

  @Test func `a worker of many names is remembered by the last of them`() {
    var book = book(plan())
    for number in 0..<Limits.devicesPerWorkerMax + 20 {
      _ = ask(&book, WorkerOffer(device: "\(number)", memoryBytesMax: 0), at: UInt64(number))
    }
    let known = book.workers[worker(1)]?.devices ?? [:]
    #expect(known.count == Limits.devicesPerWorkerMax && known["\(Limits.devicesPerWorkerMax + 19)"] != nil)
    #expect(known["0"] == nil)
  }

  @Test func `a job that fits nobody says why, while somebody is there`() {
    let job = plan(price: 3, memoryBytes: 3_210_000_000)
    var book = book(job, workers: 2)
    #expect(book.waitingReason(job.id, nowMS: 0) == nil, "nobody has asked yet")
    _ = ask(&book, WorkerOffer(device: "0.0", memoryBytesMax: 2_000_000_000), at: 1_000)
    #expect(book.waitingReason(job.id, nowMS: 1_000) == nil, "the other may take it")
    _ = ask(&book, WorkerOffer(device: "0.0", pricePerRayMin: Microcredits(7)), 2, at: 2_000)
    let reason =
      "no worker online takes it: it needs 3.3 GB of memory, the most one gives is 2.0; "
      + "it pays 3 microcredits a ray, the least one takes is 7"
    #expect(book.waitingReason(job.id, nowMS: 2_000) == reason)
    _ = ask(&book, WorkerOffer(device: "0.1"), 2, at: 2_100)
    #expect(book.waitingReason(job.id, nowMS: 2_499) == reason, "all workers are not asked for each request")
    #expect(book.waitingReason(job.id, nowMS: 2_500) == nil, "its second device takes it")
    #expect(book.waitingReason(job.id, nowMS: 10 * Limits.workerSilenceMS) == nil, "nobody is there")
  }

  @Test func `a request with a name that is too long is refused`() async throws {
    let test = TestFarm()
    let farm = try await test.openWithJob(test.terms())
    let tester = TestWorker(1)
    _ = try await farm.join(tester.joining, as: tester.name)
    let offer = WorkerOffer(device: String(repeating: "x", count: Limits.nameBytesMax + 1))
    await #expect(throws: Refusal.self) {
      _ = try await farm.lease(LeaseRequest(offer: offer), for: tester.name)
    }
    let negative = WorkerOffer(device: "0.0", pricePerRayMin: Microcredits(-1))
    await #expect(throws: Refusal.self) {
      _ = try await farm.lease(LeaseRequest(offer: negative), for: tester.name)
    }
  }

  @Test func `a job's memory is estimated from its files, then measured by its quote and by verification`()
    async throws
  {
    let test = TestFarm()
    let submitter = TestFarm.submitter.publicKey
    let id = test.terms().id
    // A scope of its own: a farm is let go before it is opened again.
    try await { () async throws in
      let farm = try await test.openWithJob(test.terms(), verifier: TestVerifier(peakBytes: 3_000))
      let files = UInt64(test.sceneBytes.count)
      let estimate = Limits.memoryEstimate.bytes + Limits.memoryEstimate.timesFiles * files
      #expect(try await farm.status(of: id, for: submitter).memoryBytes == estimate)
      try await TestFarm.work(TestWorker(1), at: farm)
      try await farm.settle()
      #expect(try await farm.status(of: id, for: submitter).memoryBytes == 3_000)
      try await farm.close()
    }()
    let farm = try await test.open(quoter: TestVerifier(peakBytes: 5_000))
    #expect(try await farm.status(of: id, for: submitter).memoryBytes == 3_000, "over a restart")
    var terms = test.terms(nonce: 9)
    let quote = try await farm.quote(
      QuoteRequest(terms: terms, manifest: test.manifest), from: submitter, checkedBy: TestSceneCheck()
    ).record
    terms.capPerTile = quote.capPerTile
    let quoted = try await farm.submit(
      SubmitRequest(terms: terms, manifest: test.manifest, budget: quote.reservation), from: submitter,
      checkedBy: TestSceneCheck())
    #expect(quoted.memoryBytes == 5_000)
    let tester = TestWorker(2)
    _ = try await farm.join(tester.joining, as: tester.name)
    let small = LeaseRequest(offer: WorkerOffer(device: "0.0", memoryBytesMax: 4_999))
    #expect(try await farm.lease(small, for: tester.name).lease == nil)
    test.clock.advance(500)
    let status = try await farm.status(of: quoted.id, for: submitter)
    #expect(status.waiting?.contains("GB of memory") ?? false)
  }
}
