import Cryptography
import FarmProtocol
import Settlement

extension LeaseBook {
  /// Whether a result under `assignment`, sent by `sender`, may be accepted. Changes nothing.
  ///
  /// In this order: the same result was accepted before (`acceptedAt`, by the commitment's digest); the
  /// sender is unknown or banned; the assignment is another's; its job or tile does not exist; the tile was
  /// returned by someone already; the lease is over; the assignment differs from the one given out.
  package func judge(
    _ assignment: Assignment, from sender: PublicKey, acceptedAt: UInt64?
  ) -> ResultAction {
    if let acceptedAt { return .alreadyAccepted(logIndex: acceptedAt) }
    guard let worker = workers[sender] else {
      return .refuse(.notFound, "worker \(sender.short) has not joined this farm")
    }
    guard !worker.banned else { return .refuse(.banned, "worker \(sender.short) is banned") }
    guard assignment.worker == sender else {
      return .refuse(
        .wrongAssignment,
        "the assignment is \(assignment.worker.short)'s, the result came from \(sender.short)")
    }
    let name = "tile \(assignment.tile.value) of job \(assignment.job.digest.short)"
    guard let plan = plans[assignment.job], order.contains(assignment.job) else {
      return .refuse(.staleLease, "\(name): the job is not running")
    }
    guard plan.has(assignment.tile) else {
      return .refuse(.wrongAssignment, "\(name): the job has \(plan.tileCount) tiles")
    }
    switch plan.state(of: assignment.tile) {
    case .pending, .verified: return .refuse(.conflict, "\(name) was returned already, with other bytes")
    case .leased where plan.isHeld(assignment.tile, under: assignment.fence): break
    case .leased, .queued: return .refuse(.staleLease, "\(name): lease \(assignment.fence) is over")
    }
    guard let watched = leases[assignment.fence], let attempt = watched.lease.outstanding[assignment.tile]
    else {
      preconditionFailure("\(name) is leased under \(assignment.fence), which does not hold it")
    }
    guard self.assignment(assignment.tile, attempt: attempt, of: watched.lease) == assignment else {
      return .refuse(.wrongAssignment, "\(name): the assignment differs from the one given out")
    }
    return .accept(grantedMS: watched.lease.grantedMS)
  }

  /// A result that `judge` let through is durable.
  /// - Returns: the fence of the lease that held a copy, if that was its last tile.
  @discardableResult
  package mutating func accepted(
    _ assignment: Assignment, commitment: Digest, work: UInt64, logIndex: UInt64, nowMS: UInt64
  ) -> UInt64? {
    guard let lease = lease(assignment.fence) else {
      preconditionFailure("lease \(assignment.fence) is over")
    }
    workers[assignment.worker]?.lastHeardMS = nowMS
    workers[assignment.worker]?.returned(
      from: lease.device, work: work, grantedMS: lease.grantedMS, nowMS: nowMS)
    let ended = endCopies(of: assignment.tile, of: assignment.job, besides: assignment.fence)
    plans[assignment.job]?.returned(
      assignment.tile,
      JobPlan.Pending(
        worker: assignment.worker, attempt: assignment.attempt, commitment: commitment, logIndex: logIndex),
      work: work)
    settle(assignment.tile, of: assignment.fence, nowMS: nowMS)
    return ended
  }

  /// A result under a current lease was no valid fragment: the tile is given to another at once.
  package mutating func rejected(_ assignment: Assignment, why: String, nowMS: UInt64) -> JobPlan.Failure? {
    settle(assignment.tile, of: assignment.fence, nowMS: nowMS)
    strike(assignment.worker, assignment.job, nowMS: nowMS)
    return plans[assignment.job]?.failed(
      assignment.tile, fence: assignment.fence, by: assignment.worker, why: why)
  }

  /// A pending tile was found equal.
  package mutating func verified(_ tile: TileIndex, of job: JobID) {
    if let worker = plans[job]?.pending[tile]?.worker { strikes.succeeded(worker, job) }
    plans[job]?.verified(tile)
  }

  /// A pending tile was found wrong.
  package mutating func voided(
    _ tile: TileIndex, of job: JobID, why: String, nowMS: UInt64
  ) -> JobPlan.Failure {
    guard let worker = plans[job]?.pending[tile]?.worker,
      let failure = plans[job]?.voided(tile, by: worker, why: why)
    else { preconditionFailure("tile \(tile.value) of job \(job) is not pending") }
    strike(worker, job, nowMS: nowMS)
    return failure
  }

  /// A pending tile could not be checked; nobody's failure.
  package mutating func unverifiable(_ tile: TileIndex, of job: JobID) { plans[job]?.unverifiable(tile) }

  /// The pending tile that was returned first, over all jobs, but none of the `excluded` frames.
  package func nextPending(
    except excluded: Set<FrameOfJob> = []
  ) -> (job: JobID, tile: TileIndex)? {
    var best: (job: JobID, tile: TileIndex, logIndex: UInt64)?
    for (id, plan) in plans {
      for (tile, pending) in plan.pending where best.map({ pending.logIndex < $0.logIndex }) ?? true {
        if !excluded.isEmpty, excluded.contains(FrameOfJob(job: id, frame: plan.frame(of: tile))) { continue }
        best = (id, tile, pending.logIndex)
      }
    }
    return best.map { ($0.job, $0.tile) }
  }
}

/// One frame of one job.
package struct FrameOfJob: Hashable, Sendable {
  package var job: JobID
  package var frame: UInt32
  package init(job: JobID, frame: UInt32) {
    self.job = job
    self.frame = frame
  }
}
