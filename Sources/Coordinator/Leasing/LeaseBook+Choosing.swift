import Cryptography
import FarmProtocol
import Settlement

/// Which job comes next for a worker.
///
/// First a job whose deadline binds, the earliest; at most three times in a row while others wait, so that
/// deadlines starve nobody. Else the submitter who was given least; of its jobs the one of highest priority,
/// then earliest deadline, then age. A job whose scene the worker holds goes before that one while its
/// submitter is not far ahead and no job of higher priority waits.
extension LeaseBook {
  /// Leases in a row to jobs whose deadlines bind, while others wait.
  package static let urgentInRowMax = 3
  /// A deadline binds when so many parts in ten of the time to it are needed.
  private static let bindingTenths = 7
  /// While the farm's speed is not known, a deadline so near binds.
  private static let bindingMS: UInt64 = 600_000

  /// A job that has work for the worker.
  struct Offer {
    var job: JobID
    var frame: UInt32
    var submitter: PublicKey
    /// The submitter's virtual time.
    var time: UInt64
    /// Places of the submitter's oldest job and of this one.
    var submitterPlace: Int
    var place: Int
    var priority: Int
    var deadlineMS: UInt64
    var isUrgent: Bool
    var isWarm: Bool

    func comesBefore(_ other: Offer) -> Bool {
      let (a, b) = (self, other)
      if a.submitter != b.submitter { return (a.time, a.submitterPlace) < (b.time, b.submitterPlace) }
      return (-a.priority, a.deadlineMS, a.place) < (-b.priority, b.deadlineMS, b.place)
    }
  }

  mutating func choose(
    for key: PublicKey, resident: LeaseRequest, nowMS: UInt64
  ) -> (job: JobID, frame: UInt32)? {
    shares.wait(
      Set(
        order.filter { !paused.contains($0) }.compactMap { plans[$0] }
          .filter(\.canGiveOut).map(\.terms.submitter)))
    let offers = offers(for: key, resident: resident, nowMS: nowMS)
    guard let fair = offers.min(by: { $0.comesBefore($1) }) else { return nil }
    let urgent = offers.filter(\.isUrgent).min { ($0.deadlineMS, $0.place) < ($1.deadlineMS, $1.place) }
    if let urgent, urgentInRow < LeaseBook.urgentInRowMax || offers.allSatisfy(\.isUrgent) {
      urgentInRow = min(urgentInRow + 1, LeaseBook.urgentInRowMax)
      return (urgent.job, urgent.frame)
    }
    urgentInRow = 0
    if let warm = offers.filter(\.isWarm).min(by: { $0.comesBefore($1) }),
      isNear(warm, fair, for: key, resident)
    {
      return (warm.job, warm.frame)
    }
    return (fair.job, fair.frame)
  }

  private mutating func offers(
    for key: PublicKey, resident: LeaseRequest, nowMS: UInt64
  ) -> [Offer] {
    let bundle = resident.residentJob.flatMap { plans[$0]?.terms.bundle }
    var places: [PublicKey: Int] = [:]
    return order.enumerated().compactMap { place, id in
      guard let plan = plans[id], !paused.contains(id) else { return nil }
      let submitter = plan.terms.submitter
      let submitterPlace = places[submitter] ?? place
      places[submitter] = submitterPlace
      let preferred = id == resident.residentJob ? resident.residentFrame : nil
      guard !strikes.isKeptOff(key, id, nowMS: nowMS), resident.offer?.objection(to: plan) == nil,
        let frame = plan.nextFrame(
          for: key, preferred: preferred, others: others(than: key, for: plan, nowMS: nowMS))
      else { return nil }
      return Offer(
        job: id, frame: frame, submitter: submitter, time: shares.time(of: submitter),
        submitterPlace: submitterPlace, place: place, priority: plan.priority,
        deadlineMS: plan.deadlineMS ?? .max, isUrgent: isUrgent(plan, nowMS: nowMS),
        isWarm: plan.terms.bundle == bundle)
    }
  }

  /// Whether the job will be late unless it goes first. One that is late already is not: it would only make
  /// others late too.
  private func isUrgent(_ plan: JobPlan, nowMS: UInt64) -> Bool {
    guard let deadlineMS = plan.deadlineMS, deadlineMS > nowMS else { return false }
    guard farmSpeed > 0, let work = plan.remainingWork else {
      return deadlineMS - nowMS < LeaseBook.bindingMS
    }
    let neededMS = work / farmSpeed
    return neededMS * 10 > Double(deadlineMS - nowMS) * Double(LeaseBook.bindingTenths)
  }

  private func isNear(_ warm: Offer, _ fair: Offer, for key: PublicKey, _ request: LeaseRequest) -> Bool {
    if warm.submitter == fair.submitter { return warm.priority >= fair.priority }
    let tiles = leaseLimit(warm.job, for: key, request)
    let lead = leaseWork(warm.job, tiles: tiles) * LeaseBook.residentLeadMax
    return warm.time <= fair.time + lead
  }

  /// Tiles for a lease: about ten seconds of the device; fewer when the job's last tiles are to be spread
  /// over everyone (guided self-scheduling; Polychronopoulos & Kuck 1987).
  func leaseLimit(_ job: JobID, for key: PublicKey, _ request: LeaseRequest) -> Int {
    guard let plan = plans[job], let device = workers[key]?.devices[request.offer?.device ?? ""] else {
      return 1
    }
    let share = (plan.queuedCount + onlineCount - 1) / max(1, onlineCount)
    return max(1, min(device.leaseTiles(meanWork: plan.meanWork), share))
  }

  /// What a lease of that many tiles counts for in the submitter's share.
  func leaseWork(_ job: JobID, tiles: Int) -> UInt64 {
    let (work, overflow) = UInt64(tiles).multipliedReportingOverflow(by: plans[job]?.meanWork ?? usualWork)
    return overflow ? 1 << 48 : min(work, 1 << 48)
  }

  /// Rays that a tile takes, over all jobs of which something is known: a job of which nothing is known would
  /// else be given whatever it asks for until its first tile is back.
  private var usualWork: UInt64 {
    let known = order.compactMap { plans[$0]?.meanWork }
    guard !known.isEmpty else { return 1 }
    return known.reduce(0) { $0 + min($1, 1 << 40) } / UInt64(known.count)
  }
}
