import Cryptography
import FarmProtocol
import Settlement

/// Jobs: accepting, ending, telling where they stand.
extension FarmCoordinator {
  /// A job is handed in. Refuses, in this order: what `SubmitRequest.validate` refuses; a submitter who is
  /// not the signer (`forbidden`); other kernels (`kernelMismatch`); a price below the farm's (`badRequest`);
  /// `budgetTooLow`; `insufficientFunds`; `blobMissing`; what the scene check refuses, unless a quote was
  /// made of these very terms, for then the scene was rendered already. The same terms again are the same
  /// job: its status is returned.
  package nonisolated func submit(
    _ request: SubmitRequest, from signer: PublicKey, checkedBy sceneCheck: any SceneChecking
  ) async throws -> JobStatus {
    try request.validate()
    try checkSubmitter(request.terms, signer)
    if let known = try await knownStatus(request.terms.id) { return known }
    try checkRoom()
    try await checkOffer(request.terms)
    let quote = try await checkMoney(request)
    try checkBlobs(request.manifest)
    if quote == nil { try await sceneCheck.check(request.terms, files: blobPaths(request.manifest)) }
    return try await accept(request)
  }

  nonisolated func checkSubmitter(_ terms: JobTerms, _ signer: PublicKey) throws {
    guard terms.submitter == signer else {
      throw Refusal(
        .forbidden, "the terms name submitter \(terms.submitter.short), \(signer.short) signed",
        remedy: "sign with the submitter's key")
    }
  }

  private func knownStatus(_ id: JobID) async throws -> JobStatus? {
    guard jobs[id] != nil else { return nil }
    try await durable()
    return jobs[id].map(status)
  }

  /// Whether this farm renders such jobs at such a price.
  nonisolated func checkOffer(_ terms: JobTerms) async throws {
    try await checkRunning()
    guard terms.kernelSet == configuration.kernelSet else {
      throw Refusal(
        .kernelMismatch,
        "the job names kernels \(terms.kernelSet.short), "
          + "this farm renders with \(configuration.kernelSet.short)",
        remedy: "submit with a client of the farm's version")
    }
    guard terms.pricePerRay >= configuration.pricePerRay else {
      throw Refusal(
        .badRequest,
        "pricePerRay is \(terms.pricePerRay.value), this farm asks \(configuration.pricePerRay.value)",
        remedy: "ask GET \(Routes.farm) for the price")
    }
  }

  /// Whether the budget is enough and there. Returns the quote under which the job comes, if there is one.
  @discardableResult
  private func checkMoney(_ request: SubmitRequest) throws -> Quote? {
    let terms = request.terms
    let quote = try store.quote(for: terms.id).flatMap { $0.validUntilMS >= nowMS ? $0 : nil }
    let worst = Pricing.worstCase(terms: terms, tileCount: terms.wholeTileCount)
    guard let needed = quote?.reservationMin(terms) ?? worst else {
      throw Refusal(
        .badRequest, "the job's \(terms.tileCount) tiles at their cap cost more than can be counted")
    }
    guard request.budget >= needed else {
      let why = quote == nil ? "without a valid quote \(terms.tileCount) tiles" : "by its quote the job"
      throw Refusal(
        .budgetTooLow,
        "the budget is \(request.budget.value) microcredits, \(why) may cost \(needed.value) with fees",
        remedy: "raise the budget by \((needed - request.budget).value), or ask for a quote")
    }
    let available = treasury.ledger.available(of: .submitter(terms.submitter))
    guard available >= request.budget else {
      throw Refusal(
        .insufficientFunds,
        "the account has \(available.credits) credits, the budget is \(request.budget.credits)",
        remedy: "deposit \((request.budget - available).credits) credits more or lower the budget")
    }
    return quote
  }

  nonisolated func checkScene(
    _ terms: JobTerms, _ manifest: BundleManifest, by sceneCheck: any SceneChecking
  ) async throws {
    try checkBlobs(manifest)
    try await sceneCheck.check(terms, files: blobPaths(manifest))
  }

  private nonisolated func checkBlobs(_ manifest: BundleManifest) throws {
    for file in manifest.files {
      guard let bytes = blobs.byteCount(of: file.digest) else {
        throw Refusal(
          .blobMissing, "bundle file \"\(file.path)\" (\(file.digest.short)) was not uploaded",
          remedy: "PUT \(Routes.blob(file.digest)) first")
      }
      guard bytes == file.bytes else {
        throw Refusal(
          .bundleInvalid, "bundle file \"\(file.path)\" has \(bytes) bytes, the manifest says \(file.bytes)")
      }
    }
  }

  /// Bundle path -> absolute path of the blob.
  nonisolated func blobPaths(_ manifest: BundleManifest) -> [String: String] {
    Dictionary(manifest.files.map { ($0.path, blobs.path(of: $0.digest)) }) { first, _ in first }
  }

  /// Reserves the money and starts the job; what was checked before may have changed meanwhile.
  private func accept(_ request: SubmitRequest) async throws -> JobStatus {
    if let known = try await knownStatus(request.terms.id) { return known }
    guard !isStopping else { throw Refusal(.busy, "the coordinator stops", remedy: "try again in a moment") }
    let quote = try checkMoney(request)
    let job = try commit {
      let reservedAt = try treasury.reserve(
        request.terms, budget: request.budget, nowMS: nowMS, to: store)
      let job = JobRecord(
        terms: request.terms, manifest: request.manifest, budget: request.budget, submittedMS: nowMS,
        reservedAt: reservedAt, quote: quote, deadlineMS: request.deadlineMS,
        priority: request.priority ?? Limits.priorityDefault,
        memoryBytes: try store.quotedMemory(for: request.terms.id))
      try store.insert(job)
      return job
    }
    jobs[job.id] = job
    book.jobStarted(job.plan())
    fund(job.id)
    wake()
    try await durable()
    return status(job)
  }

  /// The job, if `caller` may see it; `notFound` otherwise, whether it exists or not.
  private func visible(_ id: JobID, to caller: PublicKey) throws -> JobRecord {
    try checkRunning()
    guard let job = jobs[id], job.terms.submitter == caller || caller == keys.operator else {
      throw Refusal(.notFound, "there is no job \(id.digest.short) of key \(caller.short)")
    }
    return job
  }

  package func status(of id: JobID, for caller: PublicKey) throws -> JobStatus {
    status(try visible(id, to: caller))
  }

  /// The caller's jobs, newest first; the operator's are all.
  package func jobList(for caller: PublicKey) throws -> JobList {
    try checkRunning()
    let visible = jobs.values.filter { $0.terms.submitter == caller || caller == keys.operator }
    return JobList(jobs: visible.sorted { $0.reservedAt > $1.reservedAt }.map(status))
  }

  /// Ends a job. Verified tiles stay paid, returned ones are still judged and paid; then the rest comes back.
  package func cancel(_ id: JobID, by caller: PublicKey) async throws -> JobStatus {
    if !(try visible(id, to: caller)).state.isOver {
      try commit { try end(id, as: .cancelled, reason: "") }
      notify(id)
    }
    try await durable()
    return try status(of: id, for: caller)
  }

  /// Nothing more of the job is given out until it is resumed; what workers have in hand is taken and paid.
  package func pause(_ id: JobID, by caller: PublicKey) async throws -> JobStatus {
    try await change(id, by: caller, from: .running, to: .paused) { $0.jobPaused(id) }
  }

  /// A paused job goes on, also one that is held.
  package func resume(_ id: JobID, by caller: PublicKey) async throws -> JobStatus {
    try await change(id, by: caller, from: .paused, to: .running) { $0.jobResumed(id) }
  }

  /// A tile failed too often: the job is paused with the reason, and keeps its money, until its submitter or
  /// the operator requeues or cancels it. Inside a transaction.
  func hold(_ id: JobID, reason: String) throws {
    guard var job = jobs[id], !job.state.isOver else { return }
    job.state = .paused
    job.reason = reason
    try store.update(job)
    jobs[id] = job
    book.jobPaused(id)
  }

  /// Tiles of a frame, or of all frames, that failed may be tried again by everyone; the job goes on.
  /// Refuses `conflict` for a job that is over, `badRequest` for a frame that it does not have.
  package func requeue(_ id: JobID, _ request: RequeueRequest, by caller: PublicKey) async throws -> JobStatus
  {
    var job = try visible(id, to: caller)
    guard !job.state.isOver else { throw FarmCoordinator.isOver(job) }
    if let frame = request.frame, !(job.terms.firstFrame...job.terms.lastFrame).contains(frame) {
      throw Refusal(
        .badRequest,
        "job \(id.digest.short) has frames \(job.terms.firstFrame) to \(job.terms.lastFrame), not \(frame)")
    }
    job.state = .running
    job.reason = ""
    try commit {
      for tile in book.jobRequeued(id, frame: request.frame) { try write(tile, of: id) }
      try store.update(job)
    }
    jobs[id] = job
    notify(id)
    try await durable()
    return try status(of: id, for: caller)
  }

  private static func isOver(_ job: JobRecord) -> Refusal {
    Refusal(
      .conflict, "job \(job.id.digest.short) is \(job.state.rawValue) and stays so",
      remedy: "submit it again: frames that are done are fetched, not rendered")
  }

  /// Refuses (`conflict`) a job that is over; one that is there already stays there.
  private func change(
    _ id: JobID, by caller: PublicKey, from old: JobState, to new: JobState,
    _ apply: (inout LeaseBook) -> Void
  ) async throws -> JobStatus {
    var job = try visible(id, to: caller)
    guard !job.state.isOver else { throw FarmCoordinator.isOver(job) }
    if job.state == old {
      job.state = new
      job.reason = ""
      try commit { try store.update(job) }
      jobs[id] = job
      apply(&book)
      notify(id)
    }
    try await durable()
    return try status(of: id, for: caller)
  }

  /// Where the file of a frame is, or of its preview while it is not finished; `notFound` until it is
  /// written.
  package func framePath(
    _ id: JobID, _ number: UInt32, format: String, isPreview: Bool = false, for caller: PublicKey
  ) throws -> String {
    _ = try visible(id, to: caller)
    guard board.has(number, of: id, isPreview: isPreview), let format = FrameFiles.Format(rawValue: format)
    else {
      let what = isPreview ? "preview" : "finished frame"
      throw Refusal(.notFound, "job \(id.digest.short) has no \(what) \(number).\(format)")
    }
    return frames.path(id, number, format, isPreview: isPreview)
  }

  /// Ends a running job: leases end, tiles wait for nobody. Inside a transaction.
  func end(_ id: JobID, as state: JobState, reason: String) throws {
    guard let job = jobs[id], !job.state.isOver else { return }
    let ended = book.jobEnded(id)
    for lease in ended {
      try store.deleteLease(lease.fence)
      guard let plan = book.plans[id] else { continue }
      for tile in lease.outstanding.keys.sorted() { try store.put(plan, tile) }
    }
    jobs[id]?.state = state
    jobs[id]?.reason = reason
    jobs[id]?.endedMS = nowMS
    try close(id)
  }

  /// Tells the lease book what the job's escrow still has for tiles; after each change of it.
  func fund(_ id: JobID) { book.fund(id, treasury.uncommitted(of: id)) }

  /// Returns the rest of an ended job's money once no verdict is open. Inside a transaction.
  func close(_ id: JobID) throws {
    guard var job = jobs[id], job.state.isOver, !job.isClosed else { return }
    if book.plans[id]?.pending.isEmpty ?? true {
      try treasury.refund(job.terms, nowMS: nowMS, to: store)
      job.isClosed = true
      jobs[id] = job
    }
    try store.update(job)
  }

  /// A job as it is told to others.
  func status(_ job: JobRecord) -> JobStatus {
    guard let plan = book.plans[job.id] else { preconditionFailure("no plan of job \(job.id)") }
    let sums = treasury.books.sums[job.id] ?? Books.JobSums()
    return JobStatus(
      id: job.id, state: job.state, reason: job.reason, terms: job.terms, submittedMS: job.submittedMS,
      tileCount: plan.tileCount, tilesLeased: plan.leasedCount, tilesPending: plan.pending.count,
      tilesVerified: plan.verifiedCount, tilesVoided: sums.voided,
      framesDone: board.done(job.id), budget: job.budget, spent: sums.spent,
      work: sums.work, probeWork: sums.probeWork, quote: job.quote, deadlineMS: job.deadlineMS,
      priority: job.priority, memoryBytes: plan.memoryBytes,
      waiting: job.state == .running ? book.waitingReason(job.id, nowMS: nowMS) : nil,
      previews: previews(of: job))
  }

  private func previews(of job: JobRecord) -> [FramePreview]? {
    guard job.terms.passes != nil else { return nil }
    return board.previews(job.id).map { frame, passes in
      let samples = job.terms.samples(ofPass: passes - 1).upperBound
      return FramePreview(frame: frame, samples: UInt32(samples))
    }
  }
}
