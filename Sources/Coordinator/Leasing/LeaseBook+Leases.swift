import Cryptography
import FarmProtocol
import Settlement

/// Leases: given, kept, lost.
extension LeaseBook {
  /// A worker asks for work.
  package mutating func request(
    from key: PublicKey, resident: LeaseRequest, nowMS: UInt64
  ) -> LeaseAction {
    guard var worker = workers[key] else { return .refuse(.notFound) }
    guard !worker.banned else { return .refuse(.banned) }
    worker.lastHeardMS = nowMS
    worker.asked(resident.offer, nowMS: nowMS)
    workers[key] = worker
    let device = resident.offer?.device ?? ""
    let held = worker.fences.count { leases[$0]?.lease.device == device }
    guard held < LeaseBook.leasesPerWorkerMax else {
      return .wait(retryAfterMS: LeaseBook.retryAfterMS.full)
    }
    if let (job, frame) = choose(for: key, resident: resident, nowMS: nowMS) {
      return grant(to: key, resident, job: job, frame: frame, nowMS: nowMS)
    }
    // Only the idle help: who has work in hand would begin late.
    let help = held == 0 ? grantHelp(to: key, resident, nowMS: nowMS) : nil
    return help ?? .wait(retryAfterMS: idleRetryMS)
  }

  private mutating func grant(
    to key: PublicKey, _ request: LeaseRequest, job: JobID, frame: UInt32, nowMS: UInt64
  ) -> LeaseAction {
    let fence = nextFence
    nextFence += 1
    let limit = leaseLimit(job, for: key, request)
    let rivals = plans[job].map { others(than: key, for: $0, nowMS: nowMS) } ?? []
    let taken =
      plans[job]?.take(frame: frame, limit: limit, fence: fence, worker: key, others: rivals) ?? []
    precondition(!taken.isEmpty, "frame \(frame) of job \(job) offered tiles and gave none")
    if let submitter = plans[job]?.terms.submitter {
      shares.give(leaseWork(job, tiles: taken.count), to: submitter)
    }
    let device = request.offer?.device ?? ""
    return grant(fence, to: key, device, job: job, frame: frame, taken, isDuplicate: false, nowMS: nowMS)
  }

  /// Enters a lease on tiles that its plan gave out under `fence`.
  mutating func grant(
    _ fence: UInt64, to key: PublicKey, _ device: String, job: JobID, frame: UInt32,
    _ taken: [(tile: TileIndex, attempt: UInt32)], isDuplicate: Bool, nowMS: UInt64
  ) -> LeaseAction {
    let lease = HeldLease(
      fence: fence, worker: key, job: job, frame: frame, grantedMS: nowMS, deadlineMS: nowMS + Limits.leaseMS,
      outstanding: Dictionary(uniqueKeysWithValues: taken.map { ($0.tile, $0.attempt) }),
      isDuplicate: isDuplicate, device: device)
    leases[fence] = Watched(
      lease: lease, lastHeardMS: nowMS, lastResultMS: nowMS, deadlineMS: lease.deadlineMS)
    workers[key]?.fences.append(fence)
    return .grant(lease, assignments: taken.map { assignment($0.tile, attempt: $0.attempt, of: lease) })
  }

  /// What the worker was given, rebuilt: an assignment is current exactly when it equals this.
  package func assignment(_ tile: TileIndex, attempt: UInt32, of lease: HeldLease) -> Assignment {
    guard let plan = plans[lease.job] else { preconditionFailure("no plan of job \(lease.job)") }
    return Assignment(
      job: lease.job, tile: tile, attempt: attempt, fence: lease.fence, worker: lease.worker,
      deadlineMS: lease.deadlineMS, reservedAt: plan.reservedAt)
  }

  /// A worker is alive: extends the leases it names, takes back those it releases, names those it lost and
  /// the tiles of others that somebody else returned first. What it releases as more than it can do counts
  /// as a failure.
  package mutating func heartbeat(
    from key: PublicKey, _ beat: Heartbeat, nowMS: UInt64
  ) -> (reply: HeartbeatReply, released: [LostLease]) {
    guard workers[key] != nil else { return (HeartbeatReply(lost: beat.fences), []) }
    workers[key]?.lastHeardMS = nowMS
    var released: [LostLease] = []
    let reasons = Dictionary((beat.failures ?? []).map { ($0.fence, $0.reason) }) { first, _ in first }
    for fence in Set(beat.released).sorted() where leases[fence]?.lease.worker == key {
      let why = reasons[fence].map { "worker \(key.short) gave it back: \($0)" }
      let lost = lose(fence, why: why ?? "given back", isFailure: why != nil, nowMS: nowMS)
      if let lost { released.append(lost) }
    }
    var reply = HeartbeatReply(lost: [])
    for fence in beat.fences {
      guard let watched = leases[fence], watched.lease.worker == key else {
        if !beat.released.contains(fence) { reply.lost.append(fence) }
        continue
      }
      leases[fence]?.lastHeardMS = nowMS
      leases[fence]?.deadlineMS = max(watched.deadlineMS, nowMS + Limits.leaseMS)
      guard !watched.taken.isEmpty else { continue }
      reply.taken = (reply.taken ?? []) + [.init(fence: fence, tiles: watched.taken)]
    }
    return (reply, released)
  }

  /// Time passed: ends the leases of the silent and of those that make no progress.
  package mutating func tick(nowMS: UInt64) -> [LostLease] {
    tell(nowMS: nowMS)
    countWorkers(nowMS: nowMS)
    let ended = leases.values.compactMap { watched -> (UInt64, String)? in
      let lease = watched.lease
      if nowMS > watched.lastHeardMS + Limits.workerSilenceMS {
        return (lease.fence, "worker \(lease.worker.short) was silent for \(nowMS - watched.lastHeardMS) ms")
      }
      if nowMS > watched.deadlineMS {
        return (lease.fence, "worker \(lease.worker.short) passed the deadline")
      }
      if nowMS > watched.lastResultMS + LeaseBook.stallMS {
        return (lease.fence, "worker \(lease.worker.short) returned nothing for \(LeaseBook.stallMS) ms")
      }
      return nil
    }
    return ended.sorted { $0.0 < $1.0 }.compactMap { lose($0.0, why: $0.1, isFailure: true, nowMS: nowMS) }
  }

  mutating func lose(_ fence: UInt64, why: String, isFailure: Bool, nowMS: UInt64) -> LostLease? {
    guard let lease = leases[fence]?.lease else { return nil }
    drop(fence)
    if isFailure { strike(lease.worker, lease.job, nowMS: nowMS) }
    var lost = LostLease(lease: lease, why: why)
    for tile in lease.outstanding.keys.sorted() {
      guard isFailure else {
        plans[lease.job]?.released(tile, fence: fence)
        continue
      }
      let failure = plans[lease.job]?.failed(tile, fence: fence, by: lease.worker, why: why)
      if case .exhausted(let reason)? = failure {
        lost.exhausted[lease.job] = lost.exhausted[lease.job] ?? reason
      }
    }
    return lost
  }

  mutating func drop(_ fence: UInt64) {
    guard let lease = leases.removeValue(forKey: fence)?.lease else { return }
    workers[lease.worker]?.fences.removeAll { $0 == fence }
  }

  /// One tile of a lease is done with; the lease ends with its last.
  mutating func settle(_ tile: TileIndex, of fence: UInt64, nowMS: UInt64) {
    leases[fence]?.lease.outstanding[tile] = nil
    leases[fence]?.lastHeardMS = nowMS
    leases[fence]?.lastResultMS = nowMS
    if leases[fence]?.lease.outstanding.isEmpty ?? false { drop(fence) }
  }
}
