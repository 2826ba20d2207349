import Cryptography

/// What a log says of one tile: its latest attempt and how far that came.
struct AuditedTile: Sendable {
  /// A tile of a job.
  struct Key: Hashable, Sendable {
    let job: JobID
    let tile: TileIndex
  }

  enum Stage: Sendable {
    /// Committed to, no pay held yet.
    case committed
    /// Pay is pending.
    case held
    /// Found right, not yet paid.
    case verified
    /// Found wrong, not yet voided.
    case refuted
    /// Found right and settled.
    case paid
    /// Found wrong and settled: the tile may be given out again.
    case voided
  }

  let assignment: Assignment
  let work: UInt64
  /// The pending transfer of its pay; nil when the pay is nothing.
  let hold: Transfer?
  /// Index of the commitment's entry.
  let committedAt: UInt64
  var stage: Stage = .committed
  /// Set by the verdict: who judged, when, and the how-manieth verified tile of its worker this is.
  var verifier: PublicKey?
  var verdictMS: UInt64 = 0
  var ordinal: UInt64 = 0
}

/// What a log says of one job.
struct AuditedJob: Sendable {
  let terms: JobTerms
  let tiles: JobTiles
  /// The most that one tile can cost, fees included: the least that must be reserved.
  let tileCostMax: Microcredits
  /// Index of the entry that reserved its money.
  var reservedAt: UInt64?
  var hasEnded = false
  /// Tiles committed to and neither paid nor voided.
  var unsettledCount = 0
  /// Fees on paid tiles that were not yet paid.
  var feesDueCount = 0
  /// Fees on tiles held or paid that were not yet paid: not to be promised to anyone else.
  var feesOpen = Microcredits.zero
}

/// What a log says of one epoch.
struct AuditedEpoch: Sendable {
  let secretDigest: Digest
  let openedAt: UInt64
  var closedAt: UInt64?

  /// Whether its secret was promised before that entry and not told by then.
  func wasOpen(at index: UInt64) -> Bool { openedAt < index && index < closedAt ?? .max }
}
