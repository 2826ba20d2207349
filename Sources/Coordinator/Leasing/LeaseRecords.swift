import Cryptography
import FarmProtocol
import Settlement

/// A lease as the coordinator keeps it.
package struct HeldLease: Sendable, Equatable {
  /// Fencing token, also its name.
  package var fence: UInt64
  package var worker: PublicKey
  package var job: JobID
  /// The frame all tiles belong to.
  package var frame: UInt32
  package var grantedMS: UInt64
  /// The deadline that the assignments name.
  package var deadlineMS: UInt64
  /// Tiles not yet returned, and how often each was given out before.
  package var outstanding: [TileIndex: UInt32]
  /// Whether its tiles are copies of what others hold. Forgotten by a restart, which drops such leases.
  package var isDuplicate: Bool
  /// Which of its worker's devices holds it. Forgotten by a restart.
  package var device: String

  package init(
    fence: UInt64, worker: PublicKey, job: JobID, frame: UInt32, grantedMS: UInt64, deadlineMS: UInt64,
    outstanding: [TileIndex: UInt32], isDuplicate: Bool = false, device: String = ""
  ) {
    self.fence = fence
    self.worker = worker
    self.job = job
    self.frame = frame
    self.grantedMS = grantedMS
    self.deadlineMS = deadlineMS
    self.outstanding = outstanding
    self.isDuplicate = isDuplicate
    self.device = device
  }
}

/// A worker as the lease book knows it.
package struct WorkerStanding: Sendable, Equatable {
  package var lastHeardMS: UInt64
  /// By `WorkerOffer.device`; "" for a worker that names none.
  package private(set) var devices: [String: DeviceStanding] = [:]
  /// Banned keys get no leases and their results are refused.
  package var banned = false
  /// Fences of its leases, ascending.
  package var fences: [UInt64] = []

  package init(lastHeardMS: UInt64, banned: Bool = false) {
    self.lastHeardMS = lastHeardMS
    self.banned = banned
  }

  /// One of its devices asks for work.
  mutating func asked(_ offer: WorkerOffer?, nowMS: UInt64) {
    let id = offer?.device ?? ""
    if devices[id] == nil, devices.count >= Limits.devicesPerWorkerMax,
      let oldest = devices.min(by: { ($0.value.askedMS, $0.key) < ($1.value.askedMS, $1.key) })
    {
      devices[oldest.key] = nil
    }
    var device = devices[id] ?? DeviceStanding()
    device.offer = offer
    device.askedMS = nowMS
    devices[id] = device
  }

  /// Times since when it is silent are moved by a clock's jump of `gapMS`, and never after now.
  mutating func clockJumped(gapMS: UInt64, nowMS: UInt64) {
    guard lastHeardMS > 0 else { return }
    lastHeardMS = min(nowMS, lastHeardMS + gapMS)
    for (id, device) in devices where device.askedMS > 0 {
      devices[id]?.askedMS = min(nowMS, device.askedMS + gapMS)
    }
  }

  /// A tile came back from one of its devices.
  package mutating func returned(from id: String, work: UInt64, grantedMS: UInt64, nowMS: UInt64) {
    devices[id, default: DeviceStanding()].speed.returned(work: work, grantedMS: grantedMS, nowMS: nowMS)
  }
}

/// A device of a worker.
package struct DeviceStanding: Sendable, Equatable {
  /// What it last said of itself.
  package var offer: WorkerOffer?
  package var speed = WorkerSpeed()
  /// When it last asked for work.
  package var askedMS: UInt64 = 0

  /// By what it returned, or what is known without.
  func speedRange(house: Double) -> SpeedRange {
    if let known = speed.raysPerMS { return SpeedRange(known: known) }
    return SpeedRange(house: house, benchmark: offer?.raysPerS.map { Double($0) / 1000 })
  }

  /// Tiles of `meanWork` rays for a lease: by what it returned; before that half of what it says it can, for
  /// a job may be dearer than its benchmark.
  func leaseTiles(meanWork: UInt64?) -> Int {
    speed.leaseTiles(meanWork: meanWork, unknown: offer?.raysPerS.map { Double($0) / 2000 })
  }
}

/// What the lease book answers to a worker that asks for work.
package enum LeaseAction: Sendable, Equatable {
  /// A new lease: its assignments are to be made durable, signed and sent.
  case grant(HeldLease, assignments: [Assignment])
  /// Nothing now.
  case wait(retryAfterMS: UInt64)
  /// Never heard of this key, or banned it.
  case refuse(Refusal.Code)
}

/// What the lease book says about a result.
package enum ResultAction: Sendable, Equatable {
  /// Its lease is current: check the fragment, make it durable.
  case accept(grantedMS: UInt64)
  /// This very result is durable already.
  case alreadyAccepted(logIndex: UInt64)
  /// Not accepted, and why.
  case refuse(Refusal.Code, String)
}

/// A lease that ended before its tiles were returned.
package struct LostLease: Sendable, Equatable {
  package var lease: HeldLease
  /// Why, for people.
  package var why: String
  /// Jobs that cannot be finished any more because of it, and the reasons.
  package var exhausted: [JobID: String] = [:]
}
