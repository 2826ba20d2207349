import Cryptography
import Settlement

/// An OpenCL device as it is known on the wire.
public struct DeviceDescription: Hashable, Sendable, Codable {
  /// `platform.device` index on its machine: "0.0".
  public var id: String
  /// The device's own name.
  public var name: String
  /// The OpenCL implementation.
  public var platform: String
  /// The implementation's version.
  public var driver: String
  /// Compute units.
  public var computeUnits: Int
  /// All fields.
  public init(id: String, name: String, platform: String, driver: String, computeUnits: Int) {
    self.id = id
    self.name = name
    self.platform = platform
    self.driver = driver
    self.computeUnits = computeUnits
  }

  /// Digest of the (device, driver, kernel set) triple that goes into each commitment.
  public func digest(kernelSet: Digest) -> Digest {
    var writer = CanonicalWriter(type: "device")
    writer.write(name)
    writer.write(platform)
    writer.write(driver)
    writer.write(kernelSet)
    return Digest(of: writer.bytes)
  }
}

/// `POST /v1/workers`: a worker joins, or comes back. The signing key is its account.
public struct JoinRequest: Hashable, Sendable, Codable {
  /// `Limits.protocolVersion` of the worker.
  public var protocolVersion: Int
  /// For people; at most `Limits.nameBytesMax` bytes.
  public var name: String
  /// What it renders on.
  public var device: DeviceDescription
  /// Digest of the kernel sources it has.
  public var kernelSet: Digest
  /// All fields.
  public init(protocolVersion: Int, name: String, device: DeviceDescription, kernelSet: Digest) {
    self.protocolVersion = protocolVersion
    self.name = name
    self.device = device
    self.kernelSet = kernelSet
  }
}

/// The farm's answer to a `JoinRequest`.
public struct JoinReply: Hashable, Sendable, Codable {
  /// The farm it joined.
  public var farm: FarmInfo
  /// Send a heartbeat at least this often while holding a lease.
  public var heartbeatMS: UInt64
  /// Tiles of this key verified so far.
  public var tilesVerified: Int
  /// All fields.
  public init(farm: FarmInfo, heartbeatMS: UInt64, tilesVerified: Int) {
    self.farm = farm
    self.heartbeatMS = heartbeatMS
    self.tilesVerified = tilesVerified
  }
}

/// `POST /v1/leases`: work, please.
public struct LeaseRequest: Hashable, Sendable, Codable {
  /// Job whose scene is loaded, if any: preferred when it has work.
  public var residentJob: JobID?
  /// Its loaded frame.
  public var residentFrame: UInt32?
  /// The device that asks and what its owner wants of it; nil: a worker of one device that takes anything.
  public var offer: WorkerOffer?
  /// All fields.
  public init(residentJob: JobID? = nil, residentFrame: UInt32? = nil, offer: WorkerOffer? = nil) {
    self.residentJob = residentJob
    self.residentFrame = residentFrame
    self.offer = offer
  }
}

/// A device that asks for work, and what its owner wants of that work.
public struct WorkerOffer: Hashable, Sendable, Codable {
  /// `DeviceDescription.id`: each device of a worker has leases and a speed of its own.
  public var device: String
  /// Rays a second of the worker's own benchmark: sizes leases until tiles are back. Nil: not measured.
  public var raysPerS: UInt64?
  /// Most memory that a job may need, bytes; nil for any.
  public var memoryBytesMax: UInt64?
  /// Least price of a ray; nil for any.
  public var pricePerRayMin: Microcredits?
  /// All fields.
  public init(
    device: String, raysPerS: UInt64? = nil, memoryBytesMax: UInt64? = nil,
    pricePerRayMin: Microcredits? = nil
  ) {
    self.device = device
    self.raysPerS = raysPerS
    self.memoryBytesMax = memoryBytesMax
    self.pricePerRayMin = pricePerRayMin
  }
}

/// A run of tiles of one frame.
public struct Lease: Hashable, Sendable, Codable {
  /// Fencing token, unique and growing over the farm's life; also the lease's name.
  public var fence: UInt64
  /// The job.
  public var job: JobID
  /// The job's terms.
  public var terms: JobTerms
  /// The job's bundle.
  public var manifest: BundleManifest
  /// The frame all tiles belong to.
  public var frame: UInt32
  /// Each signed by the coordinator.
  public var assignments: [Signed<Assignment>]
  /// All fields.
  public init(
    fence: UInt64, job: JobID, terms: JobTerms, manifest: BundleManifest, frame: UInt32,
    assignments: [Signed<Assignment>]
  ) {
    self.fence = fence
    self.job = job
    self.terms = terms
    self.manifest = manifest
    self.frame = frame
    self.assignments = assignments
  }
}

/// Work, or when to ask again.
public struct LeaseReply: Hashable, Sendable, Codable {
  /// Work; nil when there is none now.
  public var lease: Lease?
  /// Ask again after this when there is no lease.
  public var retryAfterMS: UInt64
  /// All fields.
  public init(lease: Lease?, retryAfterMS: UInt64) {
    self.lease = lease
    self.retryAfterMS = retryAfterMS
  }
}

/// `POST /v1/heartbeats`: I am alive and still work on these leases.
public struct Heartbeat: Hashable, Sendable, Codable {
  /// Leases still worked on.
  public var fences: [UInt64]
  /// Leases given back unfinished (drain).
  public var released: [UInt64]
  /// Which of the released ones could not be done here, and why: each counts as a failure. Nil for none.
  public var failures: [LeaseFailure]?
  /// All fields.
  public init(fences: [UInt64], released: [UInt64] = [], failures: [LeaseFailure]? = nil) {
    self.fences = fences
    self.released = released
    self.failures = failures
  }
}

/// A lease that its worker could not do.
public struct LeaseFailure: Hashable, Sendable, Codable {
  /// The lease.
  public var fence: UInt64
  /// Why, one line for people; at most `Limits.reasonBytesMax` of it are kept.
  public var reason: String
  /// All fields.
  public init(fence: UInt64, reason: String) {
    self.fence = fence
    self.reason = reason
  }
}

/// Which of the leases named in a heartbeat are no longer the worker's: stop working on them.
public struct HeartbeatReply: Hashable, Sendable, Codable {
  /// Fences of leases that are over.
  public var lost: [UInt64]
  /// Tiles of its other leases that another worker returned first: leave those. Nil for none.
  public var taken: [TakenTiles]?
  /// Both.
  public init(lost: [UInt64], taken: [TakenTiles]? = nil) {
    self.lost = lost
    self.taken = taken
  }
}

/// Tiles of a lease that are not wanted any more.
public struct TakenTiles: Hashable, Sendable, Codable {
  /// The lease.
  public var fence: UInt64
  /// Its tiles that somebody else returned.
  public var tiles: [TileIndex]
  /// Both.
  public init(fence: UInt64, tiles: [TileIndex]) {
    self.fence = fence
    self.tiles = tiles
  }
}

/// The farm's answer to a result: it is durable now, and will be paid when verified.
public struct ResultReceipt: Hashable, Sendable, Codable {
  /// Index of the commitment's log entry.
  public var logIndex: UInt64
  /// True when this very result had been accepted before: resending is harmless.
  public var alreadyAccepted: Bool
  /// All fields.
  public init(logIndex: UInt64, alreadyAccepted: Bool) {
    self.logIndex = logIndex
    self.alreadyAccepted = alreadyAccepted
  }
}
