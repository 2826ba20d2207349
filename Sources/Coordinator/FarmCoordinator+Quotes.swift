import Cryptography
import FarmProtocol
import Settlement

/// Quotes: what a job would cost, before anything is paid.
extension FarmCoordinator {
  /// Renders some pixels of the job's real scene on the house device and says what the whole would cost and
  /// when it would be done. Nothing is reserved.
  ///
  /// Refuses, in this order: what `QuoteRequest.validate` refuses; a submitter who is not the signer
  /// (`forbidden`); other kernels, a price below the farm's; `busy` without a verifier and while too many
  /// quotes are being made; `blobMissing`; what the scene check or the renderer refuses; `budgetTooLow` and
  /// `deadlineTooSoon`, with the figures.
  package nonisolated func quote(
    _ request: QuoteRequest, from signer: PublicKey, checkedBy sceneCheck: any SceneChecking
  ) async throws -> Signed<Quote> {
    try request.validate()
    let terms = request.terms
    try checkSubmitter(terms, signer)
    try checkRoom()
    try await checkOffer(terms)
    try await beginQuote()
    do {
      try await checkScene(terms, request.manifest, by: sceneCheck)
      let quote = try await measure(terms, request.manifest)
      await endQuote()
      try check(quote, against: request)
      return Signed(quote, by: keys.coordinator)
    } catch {
      await endQuote()
      throw error
    }
  }

  private func beginQuote() throws {
    guard quoter != nil else {
      throw Refusal(
        .busy, "this farm runs without a verifier and cannot quote",
        remedy: "submit with --no-quote, which reserves the most the job can cost")
    }
    guard quotesOpen < Limits.quotesOpenMax else {
      throw Refusal(.busy, "\(quotesOpen) quotes are being made", remedy: "ask again in a moment")
    }
    quotesOpen += 1
  }

  private func endQuote() { quotesOpen -= 1 }

  /// Renders the sample, with fewer samples a pixel than the job's: rays grow with them in proportion.
  private nonisolated func measure(_ terms: JobTerms, _ manifest: BundleManifest) async throws -> Quote {
    guard let quoter else { preconditionFailure("quoting without a verifier") }
    var light = terms
    light.passes = nil
    light.samplesPerPixel = min(terms.samplesPerPixel, UInt32(Limits.quoteSamplesMax))
    let sample = PixelSample(of: terms)
    var work: [[UInt32]] = []
    var (loadMS, probeMS): (UInt64, UInt64) = (0, 1)
    var memoryBytes: UInt64?
    for run in sample.runs {
      let scene = RendererScene(terms: light, frame: run.frame, files: blobPaths(manifest))
      let startMS = configuration.nowMS()
      _ = try await quoter.probe(scene, pixels: [], pass: 0)
      let loadedMS = configuration.nowMS()
      let seen = try await quoter.probe(scene, pixels: run.pixels, pass: 0)
      work.append(seen.pixels.map(\.work))
      memoryBytes = [memoryBytes, seen.peakBytes].compactMap { $0 }.max()
      let doneMS = configuration.nowMS()
      loadMS = max(loadMS, loadedMS - min(startMS, loadedMS))
      probeMS += doneMS - min(loadedMS, doneMS)
    }
    let scale = Double(terms.samplesPerPixel) / Double(light.samplesPerPixel)
    let estimate = WorkEstimate(sample, work: work, scale: scale, grid: terms.grid)
    let rays = work.joined().reduce(0) { $0 + Double($1) }
    return try await record(
      terms, sample, estimate, houseSpeed: rays / Double(probeMS), loadMS: Double(loadMS),
      memoryBytes: memoryBytes)
  }

  /// Keeps the quote until it is used or too old.
  private func record(
    _ asked: JobTerms, _ sample: PixelSample, _ estimate: WorkEstimate, houseSpeed: Double, loadMS: Double,
    memoryBytes: UInt64?
  ) async throws -> Quote {
    let nowMS = nowMS
    let backlogs = backlogs(houseQuote: estimate.total / Double(asked.wholeTileCount))
    let others = backlogs.filter { $0.key != asked.submitter }.map(\.value)
    let speeds = book.speeds(nowMS: nowMS, house: houseSpeed)
    let finish = FinishEstimate(
      speeds: speeds, ownBacklog: backlogs[asked.submitter] ?? 0, otherBacklogs: others, loadMS: loadMS)
    let now = Quote.Circumstances(
      durationMS: finish.durationMS(of: estimate.rays), workersOnline: speeds.count, nowMS: nowMS)
    let (quote, _) = Quote.make(asked, from: sample, estimate, now)
    try commit {
      try store.deleteQuotes(before: nowMS)
      try store.insert(quote, memoryBytes: memoryBytes)
    }
    try await durable()
    return quote
  }

  /// Rays still to be traced, by submitter. A whole tile of a job without a returned one is taken to be like
  /// `houseQuote`.
  private func backlogs(houseQuote tileWork: Double) -> [PublicKey: Double] {
    var sums: [PublicKey: Double] = [:]
    for job in jobs.values where !job.state.isOver {
      guard let plan = book.plans[job.id] else { continue }
      sums[job.terms.submitter, default: 0] += plan.remainingWork ?? tileWork * plan.remainingTiles
    }
    return sums
  }

  private nonisolated func check(_ quote: Quote, against request: QuoteRequest) throws {
    if let budget = request.budget, budget.value < Int64(quote.price.high) {
      throw Refusal(
        .budgetTooLow,
        "the job would cost \(credits(quote.price.likely)) credits, at most \(credits(quote.price.high)); "
          + "the budget is \(budget.credits)",
        remedy: "raise the budget, or render fewer samples, pixels or frames")
    }
    guard let deadlineMS = request.deadlineMS else { return }
    let leftMS = deadlineMS - min(deadlineMS, quote.issuedMS)
    guard let duration = quote.durationMS else {
      throw Refusal(
        .deadlineTooSoon, "no worker is online, so nothing can be promised by then",
        remedy: "submit without a deadline; the job starts when a worker joins")
    }
    guard duration.high <= leftMS else {
      throw Refusal(
        .deadlineTooSoon,
        "the job would take about \(duration.likely / 1000) s, up to \(duration.high / 1000) s, on "
          + "\(quote.workersOnline) workers; the deadline is in \(leftMS / 1000) s",
        remedy: "allow more time, or render fewer samples, pixels or frames")
    }
  }

  private nonisolated func credits(_ microcredits: UInt64) -> String {
    Microcredits(Int64(microcredits)).credits
  }
}

extension Store {
  func insert(_ quote: Quote, memoryBytes: UInt64?) throws {
    try database.run(
      "INSERT OR REPLACE INTO quotes(job, bytes, valid_until_ms, memory_bytes) VALUES(?, ?, ?, ?)",
      .blob(quote.job.digest.bytes), .blob(quote.canonicalBytes), .integer(Int64(quote.validUntilMS)),
      memoryBytes.map { .integer(Int64(clamping: $0)) } ?? .null)
  }

  /// What was measured with the newest quote for that job, bytes.
  func quotedMemory(for job: JobID) throws -> UInt64? {
    let rows = try database.rows("SELECT memory_bytes FROM quotes WHERE job = ?", .blob(job.digest.bytes)) {
      $0.isNull(0) ? nil : UInt64($0.integer(0))
    }
    return rows.first ?? nil
  }

  /// The newest quote for that job.
  func quote(for job: JobID) throws -> Quote? {
    try database.rows("SELECT bytes FROM quotes WHERE job = ?", .blob(job.digest.bytes)) {
      try Quote(canonicalBytes: $0.blob(0))
    }.first
  }

  func deleteQuotes(before nowMS: UInt64) throws {
    try database.run("DELETE FROM quotes WHERE valid_until_ms < ?", .integer(Int64(nowMS)))
  }
}
