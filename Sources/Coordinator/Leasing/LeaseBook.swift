import Cryptography
import FarmProtocol
import Settlement

/// Who works on what. Pure: every event carries the time, every answer is a value, and the coordinator
/// performs it. All leases of all jobs are in here, with the plans that they are cut from.
package struct LeaseBook: Sendable {
  /// A worker may hold this many leases: one at work, one prefetched, one in the upload.
  package static let leasesPerWorkerMax = 3
  /// A lease that returned no tile for so long ends, however often its worker says that it is alive.
  package static let stallMS: UInt64 = 20 * Limits.leaseMS
  /// An idle worker asks again after this; one that holds all the leases it may, after the longer one.
  package static let retryAfterMS: (idle: UInt64, full: UInt64) = (400, 1_000)
  /// Leases by which a job may be ahead of the least served one while its scene stays resident.
  package static let residentLeadMax: UInt64 = 4

  /// A lease and when it was last heard of.
  struct Watched: Sendable, Equatable {
    var lease: HeldLease
    var lastHeardMS: UInt64
    var lastResultMS: UInt64
    /// Extended by heartbeats.
    var deadlineMS: UInt64
  }

  package internal(set) var plans: [JobID: JobPlan] = [:]
  package internal(set) var workers: [PublicKey: WorkerStanding] = [:]
  private(set) var leases: [UInt64: Watched] = [:]
  /// Leases given to each running job: fairness between jobs is that these stay close together.
  private var served: [JobID: UInt64] = [:]
  /// Running jobs, oldest first: who comes first among equally served ones.
  private(set) var order: [JobID] = []
  /// The next fencing token; grows over the farm's life.
  package private(set) var nextFence: UInt64

  package init(nextFence: UInt64) { self.nextFence = nextFence }

  /// The lease with that fence, if it is current.
  package func lease(_ fence: UInt64) -> HeldLease? { leases[fence]?.lease }
  /// All current leases, by fence.
  package var currentLeases: [HeldLease] { leases.values.map(\.lease).sorted { $0.fence < $1.fence } }
  /// Workers heard of within two silences.
  package func workersOnline(nowMS: UInt64) -> Int {
    workers.values.count { !$0.banned && isOnline($0, nowMS: nowMS) }
  }

  private func isOnline(_ worker: WorkerStanding, nowMS: UInt64) -> Bool {
    nowMS < worker.lastHeardMS + 2 * Limits.workerSilenceMS
  }

  // MARK: Jobs and workers

  /// A job may be worked on from now on.
  package mutating func jobStarted(_ plan: JobPlan) {
    precondition(plans[plan.id] == nil, "job \(plan.id) started twice")
    plans[plan.id] = plan
    served[plan.id] = served.values.min() ?? 0
    order.append(plan.id)
  }

  /// No tile of the job is given out any more; its leases end. Pending tiles stay until their verdicts.
  @discardableResult
  package mutating func jobEnded(_ id: JobID) -> [HeldLease] {
    order.removeAll { $0 == id }
    served[id] = nil
    let ended = leases.values.map(\.lease).filter { $0.job == id }.sorted { $0.fence < $1.fence }
    for lease in ended {
      for tile in lease.outstanding.keys.sorted() { plans[id]?.released(tile) }
      drop(lease.fence)
    }
    return ended
  }

  /// What the job's escrow has that is promised to no returned tile.
  package mutating func fund(_ id: JobID, _ amount: Microcredits) { plans[id]?.fund(amount) }

  /// A running job that cannot pay for another tile, and has none in work.
  package var nextUnfunded: (job: JobID, reason: String)? {
    for id in order {
      if let reason = plans[id]?.unfundedReason { return (id, reason) }
    }
    return nil
  }

  /// Rays a millisecond of each worker online; `unknown` for one that returned nothing yet.
  package func speeds(nowMS: UInt64, unknown: Double) -> [Double] {
    workers.values.filter { !$0.banned && isOnline($0, nowMS: nowMS) }.map { $0.speed.raysPerMS ?? unknown }
  }

  /// Puts back a plan that was rebuilt from its store.
  package mutating func restore(_ plan: JobPlan, isRunning: Bool) {
    plans[plan.id] = plan
    guard isRunning else { return }
    served[plan.id] = 0
    order.append(plan.id)
  }

  /// A worker is here, or back. Its leases stay: what it holds in its outbox may still come.
  package mutating func workerJoined(_ key: PublicKey, nowMS: UInt64) {
    workers[key, default: WorkerStanding(lastHeardMS: nowMS)].lastHeardMS = nowMS
  }

  /// A worker that joined before the coordinator stopped; it counts as online when it is heard of.
  package mutating func restore(worker key: PublicKey, banned: Bool) {
    workers[key] = WorkerStanding(lastHeardMS: 0, banned: banned)
  }

  /// The worker gets no more leases and loses those it has.
  package mutating func workerBanned(_ key: PublicKey, nowMS: UInt64) -> [LostLease] {
    workers[key, default: WorkerStanding(lastHeardMS: nowMS)].banned = true
    let fences = workers[key]?.fences ?? []
    return fences.compactMap { lose($0, why: "worker \(key.short) was banned", isFailure: false) }
  }

  /// Puts back a lease that was durable when the coordinator stopped; silence counts from `nowMS`.
  package mutating func restore(_ lease: HeldLease, nowMS: UInt64) {
    precondition(lease.fence < nextFence, "fence \(lease.fence) is not below the next, \(nextFence)")
    leases[lease.fence] = Watched(
      lease: lease, lastHeardMS: nowMS, lastResultMS: nowMS,
      deadlineMS: max(lease.deadlineMS, nowMS + Limits.workerSilenceMS))
    workers[lease.worker, default: WorkerStanding(lastHeardMS: nowMS)].fences.append(lease.fence)
    workers[lease.worker]?.fences.sort()
  }
}

// MARK: Leases

extension LeaseBook {
  /// A worker asks for work.
  package mutating func request(
    from key: PublicKey, resident: LeaseRequest, nowMS: UInt64
  ) -> LeaseAction {
    guard var worker = workers[key] else { return .refuse(.notFound) }
    guard !worker.banned else { return .refuse(.banned) }
    worker.lastHeardMS = nowMS
    workers[key] = worker
    guard worker.fences.count < LeaseBook.leasesPerWorkerMax else {
      return .wait(retryAfterMS: LeaseBook.retryAfterMS.full)
    }
    let alone = !workers.contains { $0.key != key && !$0.value.banned && isOnline($0.value, nowMS: nowMS) }
    guard let (job, frame) = choose(for: key, resident: resident, mayRetry: alone) else {
      return .wait(retryAfterMS: LeaseBook.retryAfterMS.idle)
    }
    return grant(to: key, job: job, frame: frame, mayRetry: alone, nowMS: nowMS)
  }

  /// The least served job that has work for this worker; the resident one while it is not far ahead.
  private func choose(
    for key: PublicKey, resident: LeaseRequest, mayRetry: Bool
  ) -> (job: JobID, frame: UInt32)? {
    var best: (job: JobID, frame: UInt32, served: UInt64)?
    var home: (job: JobID, frame: UInt32, served: UInt64)?
    for id in order {
      guard let plan = plans[id], let count = served[id] else { continue }
      let preferred = id == resident.residentJob ? resident.residentFrame : nil
      guard let frame = plan.nextFrame(for: key, preferred: preferred, mayRetry: mayRetry) else { continue }
      if id == resident.residentJob { home = (id, frame, count) }
      if best.map({ count < $0.served }) ?? true { best = (id, frame, count) }
    }
    guard let best else { return nil }
    if let home, home.served <= best.served + LeaseBook.residentLeadMax { return (home.job, home.frame) }
    return (best.job, best.frame)
  }

  private mutating func grant(
    to key: PublicKey, job: JobID, frame: UInt32, mayRetry: Bool, nowMS: UInt64
  ) -> LeaseAction {
    guard let plan = plans[job], let worker = workers[key] else {
      preconditionFailure("no plan of job \(job)")
    }
    let fence = nextFence
    nextFence += 1
    let limit = worker.speed.leaseTiles(meanWork: plan.meanWork)
    let taken =
      plans[job]?.take(frame: frame, limit: limit, fence: fence, worker: key, mayRetry: mayRetry) ?? []
    precondition(!taken.isEmpty, "frame \(frame) of job \(job) offered tiles and gave none")
    let lease = HeldLease(
      fence: fence, worker: key, job: job, frame: frame, grantedMS: nowMS, deadlineMS: nowMS + Limits.leaseMS,
      outstanding: Dictionary(uniqueKeysWithValues: taken.map { ($0.tile, $0.attempt) }))
    leases[fence] = Watched(
      lease: lease, lastHeardMS: nowMS, lastResultMS: nowMS, deadlineMS: lease.deadlineMS)
    workers[key]?.fences.append(fence)
    served[job, default: 0] += 1
    return .grant(lease, assignments: taken.map { assignment($0.tile, attempt: $0.attempt, of: lease) })
  }

  /// What the worker was given, rebuilt: an assignment is current exactly when it equals this.
  package func assignment(_ tile: TileIndex, attempt: UInt32, of lease: HeldLease) -> Assignment {
    guard let plan = plans[lease.job] else { preconditionFailure("no plan of job \(lease.job)") }
    return Assignment(
      job: lease.job, tile: tile, attempt: attempt, fence: lease.fence, worker: lease.worker,
      deadlineMS: lease.deadlineMS, reservedAt: plan.reservedAt)
  }

  /// A worker is alive: extends the leases it names, takes back those it releases, names those it lost.
  package mutating func heartbeat(
    from key: PublicKey, _ beat: Heartbeat, nowMS: UInt64
  ) -> (lost: [UInt64], released: [LostLease]) {
    guard workers[key] != nil else { return (beat.fences, []) }
    workers[key]?.lastHeardMS = nowMS
    var released: [LostLease] = []
    for fence in Set(beat.released).sorted() where leases[fence]?.lease.worker == key {
      if let lost = lose(fence, why: "given back", isFailure: false) { released.append(lost) }
    }
    var lost: [UInt64] = []
    for fence in beat.fences {
      guard let watched = leases[fence], watched.lease.worker == key else {
        if !beat.released.contains(fence) { lost.append(fence) }
        continue
      }
      leases[fence]?.lastHeardMS = nowMS
      leases[fence]?.deadlineMS = max(watched.deadlineMS, nowMS + Limits.leaseMS)
    }
    return (lost, released)
  }

  /// Time passed: ends the leases of the silent and of those that make no progress.
  package mutating func tick(nowMS: UInt64) -> [LostLease] {
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
    return ended.sorted { $0.0 < $1.0 }.compactMap { lose($0.0, why: $0.1, isFailure: true) }
  }

  private mutating func lose(_ fence: UInt64, why: String, isFailure: Bool) -> LostLease? {
    guard let lease = leases[fence]?.lease else { return nil }
    drop(fence)
    var lost = LostLease(lease: lease, why: why)
    for tile in lease.outstanding.keys.sorted() {
      guard isFailure else {
        plans[lease.job]?.released(tile)
        continue
      }
      if case .exhausted(let reason)? = plans[lease.job]?.failed(tile, by: lease.worker, why: why) {
        lost.exhausted[lease.job] = lost.exhausted[lease.job] ?? reason
      }
    }
    return lost
  }

  private mutating func drop(_ fence: UInt64) {
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
