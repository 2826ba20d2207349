import Cryptography
import FarmProtocol
import Settlement

/// Who works on what. Pure: every event carries the time, every answer is a value, and the coordinator
/// performs it. All leases of all jobs are in here, with the plans that they are cut from.
package struct LeaseBook: Sendable {
  /// A worker's device may hold this many leases: one at work, one prefetched, one in the upload.
  package static let leasesPerWorkerMax = 3
  /// A lease that returned no tile for so long ends, however often its worker says that it is alive.
  package static let stallMS: UInt64 = 20 * Limits.leaseMS
  /// An idle worker asks again after this, or later when there are many; one that holds all the leases it
  /// may, after the longer one.
  package static let retryAfterMS: (idle: UInt64, full: UInt64) = (400, 1_000)
  /// Requests a second that idle workers make together: a signature checked for each, and no more than that.
  package static let idleAsksPerSecond: UInt64 = 500
  /// A gap between two ticks beyond this is a clock's jump.
  package static let gapMS: UInt64 = 2 * Limits.workerSilenceMS
  /// Leases by which a submitter may be ahead of the least served one while its scene stays resident.
  package static let residentLeadMax: UInt64 = 4

  /// A lease and when it was last heard of.
  struct Watched: Sendable, Equatable {
    var lease: HeldLease
    var lastHeardMS: UInt64
    var lastResultMS: UInt64
    /// Extended by heartbeats.
    var deadlineMS: UInt64
    /// Tiles of it that another worker returned first.
    var taken: [TileIndex] = []
  }

  package internal(set) var plans: [JobID: JobPlan] = [:]
  package var workers: [PublicKey: WorkerStanding] = [:]
  var leases: [UInt64: Watched] = [:]
  /// Whose turn it is among submitters.
  var shares = FairShare()
  /// Who failed which job how often.
  var strikes = Strikes()
  /// Who takes which job.
  var looks: [JobID: JobLook] = [:]
  /// Running jobs, oldest first, paused ones too.
  private(set) var order: [JobID] = []
  /// Jobs of which nothing is given out until they are resumed.
  private(set) var paused: Set<JobID> = []
  /// Leases given in a row to jobs whose deadlines bind.
  var urgentInRow = 0
  /// When time was last told; 0 before the first.
  private var lastTickMS: UInt64 = 0
  /// Of the devices online at the last tick: how many, and their speed together, rays a millisecond.
  private(set) var onlineCount = 0
  private(set) var farmSpeed = 0.0
  /// The next fencing token; grows over the farm's life.
  package internal(set) var nextFence: UInt64

  package init(nextFence: UInt64) { self.nextFence = nextFence }

  /// The lease with that fence, if it is current.
  package func lease(_ fence: UInt64) -> HeldLease? { leases[fence]?.lease }
  /// All current leases, by fence.
  package var currentLeases: [HeldLease] { leases.values.map(\.lease).sorted { $0.fence < $1.fence } }
  /// Workers heard of within two silences.
  package func workersOnline(nowMS: UInt64) -> Int {
    workers.values.count { !$0.banned && isOnline($0, nowMS: nowMS) }
  }
  /// Of each device online; `house`: rays a millisecond that the house device makes of the job at hand.
  package func speeds(nowMS: UInt64, house: Double) -> [SpeedRange] {
    workers.values.filter { !$0.banned && isOnline($0, nowMS: nowMS) }.flatMap { worker in
      let speeds = devices(of: worker, nowMS: nowMS).map { $0.speedRange(house: house) }
      return speeds.isEmpty ? [SpeedRange(known: house)] : speeds
    }
  }

  /// Those of its devices that asked lately or hold a lease.
  func devices(of worker: WorkerStanding, nowMS: UInt64) -> [DeviceStanding] {
    worker.devices.filter { isThere($0.key, $0.value, of: worker, nowMS: nowMS) }.map(\.value)
  }

  /// Whether that device asked lately or holds a lease.
  func isThere(_ id: String, _ device: DeviceStanding, of worker: WorkerStanding, nowMS: UInt64) -> Bool {
    nowMS < device.askedMS + 2 * Limits.workerSilenceMS
      || worker.fences.contains { leases[$0]?.lease.device == id }
  }

  func isOnline(_ worker: WorkerStanding, nowMS: UInt64) -> Bool {
    nowMS < worker.lastHeardMS + 2 * Limits.workerSilenceMS
  }

  /// When an idle worker is to ask again: before it would count as silent.
  var idleRetryMS: UInt64 {
    let fairMS = UInt64(onlineCount) * 1_000 / LeaseBook.idleAsksPerSecond
    return min(max(LeaseBook.retryAfterMS.idle, fairMS), Limits.workerSilenceMS)
  }

  /// Takes a new look at who is there.
  mutating func countWorkers(nowMS: UInt64) {
    // What is not known counts as nothing.
    let speeds = speeds(nowMS: nowMS, house: 0)
    // Added as whole 2^-20ths, for which the order of the workers cannot matter.
    let sum = speeds.reduce(Int64(0)) { $0 &+ Int64(min($1.low, 0x1p32) * 0x1p20) }
    (onlineCount, farmSpeed) = (speeds.count, Double(sum) * 0x1p-20)
  }

  /// Time is told, more than once a second. A long gap was this machine's sleep or its clock's jump, not the
  /// workers' silence: it is not held against them. A clock that went back lets silence count from now.
  mutating func tell(nowMS: UInt64) {
    let before = lastTickMS
    lastTickMS = nowMS
    guard before > 0, nowMS < before || nowMS > before + LeaseBook.gapMS else { return }
    let gapMS = nowMS > before ? nowMS - before : 0
    for (fence, watched) in leases {
      leases[fence]?.lastHeardMS = nowMS
      leases[fence]?.lastResultMS = min(nowMS, watched.lastResultMS + gapMS)
      leases[fence]?.deadlineMS = max(nowMS + Limits.leaseMS, watched.deadlineMS)
    }
    for key in workers.keys { workers[key]?.clockJumped(gapMS: gapMS, nowMS: nowMS) }
  }

  // MARK: Jobs

  /// A job may be worked on from now on.
  package mutating func jobStarted(_ plan: JobPlan) {
    precondition(plans[plan.id] == nil, "job \(plan.id) started twice")
    plans[plan.id] = plan
    order.append(plan.id)
  }

  /// Nothing more is given out until it is resumed; what is in work may be returned.
  package mutating func jobPaused(_ id: JobID) { paused.insert(id) }
  /// Goes on.
  package mutating func jobResumed(_ id: JobID) { paused.remove(id) }

  /// Goes on, and every worker may try again what it failed: tiles of a frame, or of all.
  /// - Returns: the tiles that somebody had failed, ascending.
  package mutating func jobRequeued(_ id: JobID, frame: UInt32?) -> [TileIndex] {
    strikes.ended(id)
    looks[id] = nil
    jobResumed(id)
    return plans[id]?.forgive(frame: frame) ?? []
  }

  /// No tile of the job is given out any more; its leases end. Pending tiles stay until their verdicts.
  @discardableResult
  package mutating func jobEnded(_ id: JobID) -> [HeldLease] {
    order.removeAll { $0 == id }
    paused.remove(id)
    strikes.ended(id)
    looks[id] = nil
    let ended = leases.values.map(\.lease).filter { $0.job == id }.sorted { $0.fence < $1.fence }
    for lease in ended {
      for tile in lease.outstanding.keys.sorted() { plans[id]?.released(tile, fence: lease.fence) }
      drop(lease.fence)
    }
    return ended
  }

  /// What a worker needs for the job, as it was measured now.
  package mutating func need(_ id: JobID, memoryBytes: UInt64) {
    plans[id]?.need(memoryBytes: memoryBytes)
    looks[id] = nil
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

  /// Puts back a plan that was rebuilt from its store.
  package mutating func restore(_ plan: JobPlan, isRunning: Bool) {
    plans[plan.id] = plan
    if isRunning { order.append(plan.id) }
  }

  // MARK: Workers

  /// A worker is here, or back. Its leases stay: what it holds in its outbox may still come.
  package mutating func workerJoined(_ key: PublicKey, nowMS: UInt64) {
    workers[key, default: WorkerStanding(lastHeardMS: nowMS)].lastHeardMS = nowMS
    countWorkers(nowMS: nowMS)
  }

  /// A worker that joined before the coordinator stopped; it counts as online when it is heard of.
  package mutating func restore(worker key: PublicKey, banned: Bool) {
    workers[key] = WorkerStanding(lastHeardMS: 0, banned: banned)
  }

  /// The worker gets no more leases and loses those it has.
  package mutating func workerBanned(_ key: PublicKey, nowMS: UInt64) -> [LostLease] {
    workers[key, default: WorkerStanding(lastHeardMS: nowMS)].banned = true
    let fences = workers[key]?.fences ?? []
    return fences.compactMap {
      lose($0, why: "worker \(key.short) was banned", isFailure: false, nowMS: nowMS)
    }
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
