import Cryptography

/// Commitments and verdicts.
extension LogAuditor {
  mutating func commit(
    _ assignment: Assignment, _ commitment: Signed<Commitment>
  ) throws(Finding.Reason) {
    let job = try runningJob(assignment.job)
    try check(assignment, of: job)
    try check(commitment, assignment, of: job)
    let digest = commitment.record.digest
    guard commitments[digest] == nil else { throw .commitmentJudged(digest) }
    let key = AuditedTile.Key(job: assignment.job, tile: assignment.tile)
    let work = commitment.record.work
    tiles[key] = AuditedTile(
      assignment: assignment, work: work, hold: Transfer.hold(job.terms, assignment, work: work),
      committedAt: entryCount)
    commitments[digest] = key
    jobs[assignment.job]?.unsettledCount += 1
  }

  /// A job that was accepted, has its money and is not over.
  private func runningJob(_ id: JobID) throws(Finding.Reason) -> AuditedJob {
    guard let job = jobs[id] else { throw .jobUnknown(id) }
    guard !job.hasEnded else { throw .jobEnded(id) }
    guard job.reservedAt != nil || job.tileCostMax == .zero else { throw .notReserved(id) }
    return job
  }

  private func check(_ assignment: Assignment, of job: AuditedJob) throws(Finding.Reason) {
    let tile = assignment.tile
    guard Int(tile.value) < job.tiles.count else {
      throw .tileOutOfRange(tile, tileCount: job.tiles.count)
    }
    if let reservedAt = job.reservedAt, assignment.reservedAt != reservedAt {
      throw .reservationIndexWrong(expected: reservedAt, found: assignment.reservedAt)
    }
    // One commitment at a time: so the reservation always covers the hold, and no attempt is tried again with
    // another result.
    guard let earlier = tiles[AuditedTile.Key(job: assignment.job, tile: tile)] else { return }
    guard case .voided = earlier.stage else { throw .tileBusy(tile) }
    guard assignment.attempt > earlier.assignment.attempt else {
      throw .attemptNotNew(tile, attempt: assignment.attempt)
    }
  }

  private func check(
    _ commitment: Signed<Commitment>, _ assignment: Assignment, of job: AuditedJob
  ) throws(Finding.Reason) {
    let record = commitment.record
    guard record.assignment == assignment.digest else { throw .assignmentForeign }
    let pixelCount = job.tiles.pixelCount(of: assignment.tile)
    guard Int(record.pixelCount) == pixelCount else {
      throw .pixelCountWrong(expected: pixelCount, found: record.pixelCount)
    }
    let bound = Pricing.workBound(
      terms: job.terms, pixelCount: pixelCount, samples: job.terms.sampleCount(of: assignment.tile))
    guard record.work <= bound else { throw .workAboveBound(bound, found: record.work) }
    guard isSigned(commitment, by: assignment.worker) else { throw .commitmentUnsigned }
  }

  mutating func judge(_ verdict: Signed<Verdict>, timeMS: UInt64) throws(Finding.Reason) {
    let record = verdict.record
    guard let key = commitments[record.commitment], var tile = tiles[key] else {
      throw .commitmentUnknown(record.commitment)
    }
    switch tile.stage {
    case .held: break
    case .committed: guard tile.hold == nil else { throw .notHeld(key.tile) }
    case .verified, .refuted, .paid, .voided: throw .commitmentJudged(record.commitment)
    }
    try check(verdict, of: tile)
    tile.verifier = record.verifier
    tile.verdictMS = timeMS
    switch record.outcome {
    case .equal:
      let worker = tile.assignment.worker
      tile.ordinal = (verifiedByWorker[worker] ?? 0) + 1
      verifiedByWorker[worker] = tile.ordinal
      tile.stage = tile.hold == nil ? .paid : .verified
      counts.verified += 1
      counts.work = sum(counts.work, tile.work)
    case .mismatch:
      tile.stage = tile.hold == nil ? .voided : .refuted
      counts.refuted += 1
    case .unverifiable: tile.stage = tile.hold == nil ? .voided : .refuted
    }
    counts.probeWork = sum(counts.probeWork, record.work)
    if tile.hold == nil { jobs[key.job]?.unsettledCount -= 1 }
    tiles[key] = tile
  }

  private func check(_ verdict: Signed<Verdict>, of tile: AuditedTile) throws(Finding.Reason) {
    let record = verdict.record
    guard record.workProbes >= rules.workProbesMin else {
      throw .tooFewProbes(rules.workProbesMin, found: record.workProbes)
    }
    guard record.verifier != tile.assignment.worker else { throw .verifierIsWorker(record.verifier) }
    guard rules.verifiers?.contains(record.verifier) ?? true else { throw .verifierUnknown(record.verifier) }
    // A secret promised after the commitment could have been chosen for it; one told before could be rendered
    // for.
    guard let epoch = epochs[record.epoch], epoch.wasOpen(at: tile.committedAt) else {
      throw .epochNotOpenAtCommitment(record.epoch)
    }
    guard isSigned(verdict, by: record.verifier) else { throw .verdictUnsigned }
  }

  /// Claimed counts come from outside: a sum beyond `UInt64.max` stays there.
  private func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (total, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : total
  }
}
