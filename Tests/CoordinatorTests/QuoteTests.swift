import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

/// Quotes, jobs under a quote, and what becomes of a job that costs more than was reserved.
@Suite struct QuoteTests {
  private let submitter = TestFarm.submitter.publicKey

  private func open(
    _ test: TestFarm, verifier: TestVerifier = TestVerifier()
  ) async throws -> FarmCoordinator {
    let farm = try await test.open(verifier: verifier, quoter: TestVerifier())
    _ = try await farm.deposit(TestFarm.deposit)
    try farm.blobs.put(test.sceneBytes)
    return farm
  }

  private func ask(
    _ farm: FarmCoordinator, _ test: TestFarm, _ terms: JobTerms, budget: Int64? = nil,
    deadlineMS: UInt64? = nil
  ) async throws -> Signed<Quote> {
    try await farm.quote(
      QuoteRequest(
        terms: terms, manifest: test.manifest, budget: budget.map { Microcredits($0) }, deadlineMS: deadlineMS
      ),
      from: submitter, checkedBy: TestSceneCheck())
  }

  /// The terms that the quote is for.
  private func quoted(_ terms: JobTerms, _ quote: Quote) -> JobTerms {
    var terms = terms
    terms.capPerTile = quote.capPerTile
    return terms
  }

  private func submit(
    _ farm: FarmCoordinator, _ test: TestFarm, _ terms: JobTerms, budget: Microcredits
  ) async throws -> JobStatus {
    try await farm.submit(
      SubmitRequest(terms: terms, manifest: test.manifest, budget: budget), from: submitter,
      checkedBy: TestSceneCheck())
  }

  private func refusal(_ body: () async throws -> Void) async -> Refusal? {
    do {
      try await body()
      return nil
    } catch { return error as? Refusal }
  }

  @Test func `a job under its quote costs what was quoted and reserves less than its worst case`()
    async throws
  {
    let test = TestFarm()
    let farm = try await open(test)
    let asked = test.terms(columns: 20, frames: 4)
    let signed = try await ask(farm, test, asked)
    let quote = signed.record
    #expect(signed.isSigned(by: farm.keys.coordinator.publicKey))
    #expect(quote.durationMS == nil, "no worker is online")
    let terms = quoted(asked, quote)
    #expect(quote.job == terms.id)
    let worst = try #require(Pricing.reservation(terms: terms, tileCount: terms.tileCount))
    #expect(quote.reservation < worst)

    let accepted = try await submit(farm, test, terms, budget: quote.reservation)
    #expect(accepted.quote == quote)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    let done = try await farm.status(of: terms.id, for: submitter)
    #expect(done.state == .completed)
    // Not within the bounds: another job has another made-up picture, whose sum differs by chance too.
    #expect(abs(Double(done.work) / Double(quote.work.likely) - 1) < 0.05)
    #expect(abs(Double(done.spent.value) / Double(quote.price.likely) - 1) < 0.05)
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `too dear and too late are refused with the figures`() async throws {
    let test = TestFarm()
    let farm = try await open(test)
    let terms = test.terms()
    let dear = await refusal { _ = try await ask(farm, test, terms, budget: 10) }
    #expect(dear?.code == .budgetTooLow)
    #expect(dear?.message.contains("the budget is 0.000010") ?? false)
    let nobody = await refusal { _ = try await ask(farm, test, terms, deadlineMS: .max) }
    #expect(nobody?.code == .deadlineTooSoon)
    let worker = TestWorker(1)
    _ = try await farm.join(worker.joining, as: worker.name)
    let late = await refusal { _ = try await ask(farm, test, terms, deadlineMS: test.clock.nowMS) }
    #expect(late?.code == .deadlineTooSoon)
    #expect(late?.message.contains("the deadline is in 0 s") ?? false)
    #expect(try await ask(farm, test, terms, deadlineMS: .max).record.durationMS != nil)
  }

  @Test func `without a quote, or with an old one, the worst case is to be reserved`() async throws {
    let test = TestFarm()
    let farm = try await open(test)
    let quote = try await ask(farm, test, test.terms(columns: 40)).record
    let terms = quoted(test.terms(columns: 40), quote)
    test.clock.advance(Limits.quoteValidMS + 1)
    let old = await refusal { _ = try await submit(farm, test, terms, budget: quote.reservation) }
    #expect(old?.code == .budgetTooLow)
    let again = try await ask(farm, test, test.terms(columns: 40)).record
    #expect(again.job == quote.job)
    let few = Microcredits(Int64(again.price.high) - 1)
    let low = await refusal { _ = try await submit(farm, test, terms, budget: few) }
    #expect(low?.code == .budgetTooLow)
    _ = try await submit(farm, test, terms, budget: again.reservation)
  }

  @Test func `a farm without a verifier says that it cannot quote`() async throws {
    let test = TestFarm()
    let farm = try await test.open()
    #expect(await refusal { _ = try await ask(farm, test, test.terms()) }?.code == .busy)
    let other = await refusal {
      _ = try await farm.quote(
        QuoteRequest(terms: test.terms(), manifest: test.manifest), from: worker(7),
        checkedBy: TestSceneCheck())
    }
    #expect(other?.code == .forbidden)
  }

  @Test func `a job that costs more than was reserved stops, unspent money returns, nothing is owed`()
    async throws
  {
    let test = TestFarm()
    // Every pixel takes as many rays as the dearest that the quote could see.
    let farm = try await open(test, verifier: TestVerifier(work: 27))
    let quote = try await ask(farm, test, test.terms(columns: 40, frames: 2)).record
    let terms = quoted(test.terms(columns: 40, frames: 2), quote)
    _ = try await submit(farm, test, terms, budget: Microcredits(Int64(quote.price.high)))
    try await TestFarm.work(TestWorker(1), at: farm) { _, work in
      for index in work.indices { work[index] = 27 }
    }
    try await farm.settle()
    let status = try await farm.status(of: terms.id, for: submitter)
    #expect(status.state == .failed)
    #expect(status.reason.hasPrefix("the budget is spent: "))
    #expect(status.tilesVerified > 10 && status.tilesVerified < status.tileCount)
    #expect(status.spent <= status.budget)
    let left = try await farm.statement(of: submitter).balances
    #expect(left == ["\(AccountID.submitter(submitter))": TestFarm.deposit.amount - status.spent])
    #expect(try await farm.audit().findings.isEmpty)
  }

  @Test func `tiles in work never cost more together than the job has`() async throws {
    let test = TestFarm()
    let farm = try await open(test)
    let quote = try await ask(farm, test, test.terms(columns: 40, frames: 2)).record
    let terms = quoted(test.terms(columns: 40, frames: 2), quote)
    _ = try await submit(farm, test, terms, budget: quote.reservation)
    var leased = 0
    for number in 1...90 as ClosedRange<UInt8> {
      let worker = TestWorker(number)
      _ = try await farm.join(worker.joining, as: worker.name)
      leased += try await farm.lease(LeaseRequest(), for: worker.name).lease?.assignments.count ?? 0
    }
    let tile = try #require(Pricing.reservation(terms: terms, tileCount: 1))
    #expect(leased == Int(quote.reservation.value / tile.value))
    #expect(leased < terms.tileCount)
  }
}
