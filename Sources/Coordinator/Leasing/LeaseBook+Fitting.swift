import Cryptography
import FarmProtocol
import Settlement

/// Which jobs a device's owner lets it render.
extension WorkerOffer {
  /// What speaks against a job.
  enum Objection: Hashable {
    case memory, price
  }

  /// Nil when the device takes it.
  func objection(to plan: JobPlan) -> Objection? {
    if let memoryBytesMax, plan.memoryBytes > memoryBytesMax { return .memory }
    if let pricePerRayMin, plan.terms.pricePerRay < pricePerRayMin { return .price }
    return nil
  }
}

/// Who takes tiles of a job, as it was a moment ago: thousands of workers are not looked at for each request.
struct JobLook: Sendable {
  let atMS: UInt64
  /// Some of those who take it: one more than can fail a tile, if there are.
  let able: [PublicKey]
  /// Why nobody does who is there.
  let refusal: String?
}

extension LeaseBook {
  /// For so long a look is good.
  private static let lookMS: UInt64 = 500

  /// Why every device that is online refuses a job of which tiles wait, or is refused it; nil when one takes
  /// it, or may.
  package mutating func waitingReason(_ job: JobID, nowMS: UInt64) -> String? {
    guard let plan = plans[job], plan.queuedCount > 0 else { return nil }
    return look(at: plan, nowMS: nowMS).refusal
  }

  /// Workers beside that one who could take tiles of the job now, as many as can fail a tile if there are:
  /// more cannot all have failed it. Nobody is looked at for a job of which no tile failed.
  mutating func others(than key: PublicKey, for plan: JobPlan, nowMS: UInt64) -> [PublicKey] {
    plan.hasFailures ? look(at: plan, nowMS: nowMS).able.filter { $0 != key } : []
  }

  /// A worker failed a tile of a job, or gave it back as more than it can do.
  package mutating func strike(_ worker: PublicKey, _ job: JobID, nowMS: UInt64) {
    strikes.failed(worker, job, nowMS: nowMS)
    looks[job] = nil
  }

  private mutating func look(at plan: JobPlan, nowMS: UInt64) -> JobLook {
    if let look = looks[plan.id], nowMS >= look.atMS, nowMS - look.atMS < LeaseBook.lookMS { return look }
    var able: [PublicKey] = []
    for (key, worker) in workers where takes(key, worker, plan, nowMS: nowMS) {
      able.append(key)
      if able.count > Int(Limits.tileAttemptsMax) { break }
    }
    let refusal = able.isEmpty ? refusal(of: plan, nowMS: nowMS) : nil
    let look = JobLook(atMS: nowMS, able: able, refusal: refusal)
    looks[plan.id] = look
    return look
  }

  /// Whether a worker asks for work, is not kept off the job, and gives it a device; one that has not asked
  /// yet may.
  private func takes(
    _ key: PublicKey, _ worker: WorkerStanding, _ plan: JobPlan, nowMS: UInt64
  ) -> Bool {
    guard !worker.banned, isOnline(worker, nowMS: nowMS), !strikes.isKeptOff(key, plan.id, nowMS: nowMS)
    else { return false }
    return worker.devices.isEmpty
      || worker.devices.contains { id, device in
        device.offer?.objection(to: plan) == nil && isThere(id, device, of: worker, nowMS: nowMS)
      }
  }

  /// Why nobody takes the job; nil where nobody is there.
  private func refusal(of plan: JobPlan, nowMS: UInt64) -> String? {
    var keptOffCount = 0
    var devices: [DeviceStanding] = []
    for (key, worker) in workers where !worker.banned && isOnline(worker, nowMS: nowMS) {
      if strikes.isKeptOff(key, plan.id, nowMS: nowMS) {
        keptOffCount += 1
      } else {
        devices += self.devices(of: worker, nowMS: nowMS)
      }
    }
    let objections = Set(devices.compactMap { $0.offer?.objection(to: plan) })
    var reasons: [String] = []
    if keptOffCount > 0 {
      reasons.append(
        "\(keptOffCount) failed it \(Strikes.most) times in a row and may try again after "
          + "\(Strikes.pauseMS / 60_000) minutes, or at once when the job is requeued")
    }
    if objections.contains(.memory), let most = devices.compactMap({ $0.offer?.memoryBytesMax }).max() {
      let need = gigabytes(plan.memoryBytes + 99_999_999)
      reasons.append("it needs \(need) GB of memory, the most one gives is \(gigabytes(most))")
    }
    if objections.contains(.price), let least = devices.compactMap({ $0.offer?.pricePerRayMin }).min() {
      reasons.append(
        "it pays \(plan.terms.pricePerRay.value) microcredits a ray, the least one takes is \(least.value)")
    }
    return reasons.isEmpty ? nil : "no worker online takes it: " + reasons.joined(separator: "; ")
  }
}

/// With one decimal, rounded down.
private func gigabytes(_ bytes: UInt64) -> String {
  let tenths = bytes / 100_000_000
  return "\(tenths / 10).\(tenths % 10)"
}
