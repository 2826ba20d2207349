import Cryptography

/// One tile of one frame, numbered over the whole job: frame by frame, within a frame in raster order of
/// tiles.
public struct TileIndex: Hashable, Sendable, Comparable, Codable {
  /// The number, from 0.
  public let value: UInt32
  /// Wraps a number.
  public init(_ value: UInt32) { self.value = value }
  /// Decodes the bare integer.
  public init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(UInt32.self)
  }
  /// Encodes the bare integer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
  /// Whether `a` comes before `b`.
  public static func < (a: TileIndex, b: TileIndex) -> Bool { a.value < b.value }
}

/// A tile given to a worker. Signed by the coordinator: the worker's promise of a reserved price.
public struct Assignment: Hashable, Sendable, Codable {
  /// The job.
  public var job: JobID
  /// The tile.
  public var tile: TileIndex
  /// How often this tile was given out before, from 0.
  public var attempt: UInt32
  /// Fencing token of the lease: a result under an older token is refused.
  public var fence: UInt64
  /// Who may render it.
  public var worker: PublicKey
  /// When the lease ends unless heartbeats extend it, milliseconds since 1970.
  public var deadlineMS: UInt64
  /// Index of the log entry that reserved the job's money.
  public var reservedAt: UInt64

  /// All fields, in the order of their declaration.
  public init(
    job: JobID, tile: TileIndex, attempt: UInt32, fence: UInt64, worker: PublicKey, deadlineMS: UInt64,
    reservedAt: UInt64
  ) {
    self.job = job
    self.tile = tile
    self.attempt = attempt
    self.fence = fence
    self.worker = worker
    self.deadlineMS = deadlineMS
    self.reservedAt = reservedAt
  }
}

/// What a worker commits to before it can know which pixels will be probed. Signed by the worker.
public struct Commitment: Hashable, Sendable, Codable {
  /// Digest of the assignment's canonical bytes.
  public var assignment: Digest
  /// RFC 6962 root over the tile's leaves (`PixelLeaf`), in raster order of 4 x 4 blocks.
  public var root: Digest
  /// Pixels of the tile.
  public var pixelCount: UInt32
  /// Rays traced, summed over all pixels: what is billed.
  public var work: UInt64
  /// SHA-256 of the compressed fragment.
  public var fragment: Digest
  /// Digest of the device scene it was rendered from: two hosts that prepared different scenes find out here.
  public var deviceScene: Digest
  /// Digest of the (device, driver, kernel set) triple.
  public var device: Digest

  /// All fields, in the order of their declaration.
  public init(
    assignment: Digest, root: Digest, pixelCount: UInt32, work: UInt64, fragment: Digest, deviceScene: Digest,
    device: Digest
  ) {
    self.assignment = assignment
    self.root = root
    self.pixelCount = pixelCount
    self.work = work
    self.fragment = fragment
    self.deviceScene = deviceScene
    self.device = device
  }
}

/// What a verifier found. Signed by the verifier, which returned bits and never saw the claimed ones.
public struct Verdict: Hashable, Sendable, Codable {
  /// The outcome of comparing every probed pixel with the commitment.
  public enum Outcome: UInt8, Hashable, Sendable, Codable {
    /// Every probed pixel has the committed bits.
    case equal = 0
    /// At least one differs: the tile is void and unpaid.
    case mismatch = 1
    /// The farm could not render the pixels: the tile is void and unpaid, and that is nobody's fault.
    case unverifiable = 2
  }
  /// Digest of the commitment's canonical bytes.
  public var commitment: Digest
  /// The epoch whose secret drew the probes.
  public var epoch: UInt64
  /// How many probes were drawn in proportion to work; a quarter as many, rounded up, were drawn uniformly.
  public var workProbes: UInt32
  /// SHA-256 over the probed pixels' records in the order they were drawn, as the verifier observed them.
  public var observed: Digest
  /// Rays traced for the probes: the cost of checking.
  public var work: UInt64
  /// Who re-rendered.
  public var verifier: PublicKey
  /// What came out.
  public var outcome: Outcome

  /// All fields, in the order of their declaration.
  public init(
    commitment: Digest, epoch: UInt64, workProbes: UInt32, observed: Digest, work: UInt64,
    verifier: PublicKey,
    outcome: Outcome
  ) {
    self.commitment = commitment
    self.epoch = epoch
    self.workProbes = workProbes
    self.observed = observed
    self.work = work
    self.verifier = verifier
    self.outcome = outcome
  }
}
