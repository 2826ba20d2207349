import Cryptography
import FarmProtocol
import Settlement

/// Taking in rendered tiles.
extension FarmCoordinator {
  /// A result arrives. Checked whole outside the actor, made durable, then recorded: the fragment is on disk
  /// before the transaction or with it, the transaction before the reply.
  ///
  /// Refuses what `ResultEnvelope` refuses, then what `LeaseBook.judge` refuses, then what
  /// `CheckedResult.check` refuses; after the latter the tile is given to another worker.
  package nonisolated func accept(_ body: [UInt8], from sender: PublicKey) async throws -> ResultReceipt {
    let envelope = try ResultEnvelope(decoding: body)
    let digest = envelope.commitment.record.digest
    let terms: JobTerms
    switch try await judge(envelope.assignment, commitment: digest, from: sender) {
    case .known(let receipt):
      try await durable()
      return receipt
    case .current(let found): terms = found
    }
    let checked: CheckedResult
    do {
      checked = try CheckedResult.check(
        assignment: envelope.assignment, commitment: envelope.commitment, fragmentBytes: envelope.fragment,
        terms: terms)
    } catch {
      try await reject(envelope.assignment, commitment: digest, from: sender, because: error)
      throw error
    }
    guard envelope.fragment.count > Limits.fragmentRowBytesMax else {
      return try await record(checked, row: envelope.fragment, from: sender)
    }
    do {
      try configuration.step("fragment")
      try blobs.put(envelope.fragment)
    } catch { throw await stop(because: error).refusal }
    return try await record(checked, row: nil, from: sender)
  }

  private enum Admission {
    case known(ResultReceipt)
    case current(JobTerms)
  }

  private func judge(
    _ assignment: Assignment, commitment: Digest, from sender: PublicKey
  ) throws -> Admission {
    try checkRunning()
    let acceptedAt = try store.resultIndex(commitment)
    switch book.judge(assignment, from: sender, acceptedAt: acceptedAt) {
    case .alreadyAccepted(let index): return .known(ResultReceipt(logIndex: index, alreadyAccepted: true))
    case .refuse(let code, let message): throw Refusal(code, message)
    case .accept:
      guard let job = jobs[assignment.job] else { preconditionFailure("no job \(assignment.job)") }
      return .current(job.terms)
    }
  }

  /// The same questions again, for time has passed; then one change: commitment, pending pay, tile.
  /// - Parameter row: the fragment's bytes, when they are no file.
  private func record(
    _ claim: CheckedResult, row: [UInt8]?, from sender: PublicKey
  ) async throws -> ResultReceipt {
    let assignment = claim.assignment
    if case .known(let receipt) = try judge(assignment, commitment: claim.digest, from: sender) {
      try await durable()
      return receipt
    }
    let index = try commit {
      let index = try treasury.commit(claim, nowMS: nowMS, to: store)
      let ended = book.accepted(
        assignment, commitment: claim.digest, work: claim.commitment.record.work, logIndex: index,
        nowMS: nowMS)
      if let ended { try store.deleteLease(ended) }
      fund(assignment.job)
      try store.insertResult(claim.digest, at: index)
      try store.insertFragment(claim.commitment.record.fragment, of: assignment.job, bytes: row)
      try write(assignment, commitmentIndex: index)
      return index
    }
    notify(assignment.job)
    wake()
    try await durable()
    return ResultReceipt(logIndex: index, alreadyAccepted: false)
  }

  /// The bytes are no result: the tile is another's now, and the job may have failed over it.
  private func reject(
    _ assignment: Assignment, commitment: Digest, from sender: PublicKey, because refusal: Refusal
  ) async throws {
    guard case .current = try judge(assignment, commitment: commitment, from: sender) else { return }
    try commit {
      let why = "worker \(sender.short) returned no valid tile: \(refusal.message)"
      let failure = book.rejected(assignment, why: why, nowMS: nowMS)
      try write(assignment)
      if case .exhausted(let reason)? = failure { try hold(assignment.job, reason: reason) }
    }
    notify(assignment.job)
    try await durable()
  }

  /// Writes the tile as it stands, and drops its lease when that was its last tile. Inside a transaction.
  private func write(_ assignment: Assignment, commitmentIndex: UInt64? = nil) throws {
    guard let plan = book.plans[assignment.job] else { return }
    try store.put(plan, assignment.tile, commitmentIndex: commitmentIndex)
    if book.lease(assignment.fence) == nil { try store.deleteLease(assignment.fence) }
  }
}
