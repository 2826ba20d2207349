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

extension LeaseBook {
  /// Why every device that is online refuses a job of which tiles wait, or is refused it; nil when one takes
  /// it, or may.
  package func waitingReason(_ job: JobID, nowMS: UInt64) -> String? {
    guard let plan = plans[job], plan.queuedCount > 0 else { return nil }
    let online = workers.filter { !$0.value.banned && isOnline($0.value, nowMS: nowMS) }
    let able = online.filter { !strikes.isKeptOff($0.key, job, nowMS: nowMS) }
    let devices = able.values.flatMap { self.devices(of: $0, nowMS: nowMS) }
    let keptOffCount = online.count - able.count
    // One that has not asked yet has said nothing.
    guard keptOffCount > 0 || !devices.isEmpty, able.values.allSatisfy({ !$0.devices.isEmpty }) else {
      return nil
    }
    let objections = devices.compactMap { $0.offer?.objection(to: plan) }
    guard objections.count == devices.count else { return nil }
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
    return "no worker online takes it: " + reasons.joined(separator: "; ")
  }
}

/// With one decimal, rounded down.
private func gigabytes(_ bytes: UInt64) -> String {
  let tenths = bytes / 100_000_000
  return "\(tenths / 10).\(tenths % 10)"
}
