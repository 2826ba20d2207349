import Cryptography
import FarmProtocol
import Settlement

/// What a coordinator has in memory, read back from its store.
struct Opening {
  var treasury: Treasury
  var book: LeaseBook
  var jobs: [JobID: JobRecord] = [:]
  var workerNames: [PublicKey: String] = [:]
  let tokens: TokenBook
  /// Leases on copies of others' tiles, which are not kept: which tiles they were is not stored.
  private var forgotten: [UInt64] = []
  private(set) var epochSecret: [UInt8] = []
  private(set) var board = FrameBoard()
  private(set) var publishedSize: UInt64 = 0

  /// Reads log, workers, jobs and leases; checks that they agree with each other. Opens an epoch if none is
  /// open, and publishes what is not.
  init(
    _ store: Store, frames: FrameFiles, logFiles: LogFiles, verifier: PublicKey, nowMS: UInt64,
    secret: (_ count: Int) -> [UInt8]
  ) throws {
    try self.init(reading: store, verifier: verifier, checkpoint: logFiles.checkpoint, nowMS: nowMS)
    for fence in forgotten { try store.deleteLease(fence) }
    epochSecret = try openEpoch(in: store, nowMS: nowMS, drawing: secret)
    publishedSize = try logFiles.publishAgain(treasury.log, store: store)
    for job in jobs.values { sortFrames(of: job, frames, nowMS: nowMS) }
  }

  /// Reads only: what a start would find.
  init(reading store: Store, verifier: PublicKey, checkpoint: Checkpoint?, nowMS: UInt64) throws {
    treasury = try Treasury(replaying: store, verifier: verifier, checkpoint: checkpoint)
    tokens = try FarmCoordinator.tokenBook(store)
    book = LeaseBook(nextFence: max(1, try store.counter("next-fence")))
    for worker in try store.workers() {
      workerNames[worker.key] = worker.name
      book.restore(worker: worker.key, banned: worker.banned)
    }
    var outstanding: [UInt64: [TileIndex: UInt32]] = [:]
    for job in try store.jobs().sorted(by: { $0.reservedAt < $1.reservedAt }) {
      jobs[job.id] = job
      try restorePlan(of: job, from: store, &outstanding)
    }
    for var lease in try store.leases() {
      guard let tiles = outstanding.removeValue(forKey: lease.fence) else {
        forgotten.append(lease.fence)
        continue
      }
      lease.outstanding = tiles
      book.restore(lease, nowMS: nowMS)
    }
    guard outstanding.isEmpty else {
      throw StoreDamage("tiles are leased under \(outstanding.keys.sorted()), which are no leases")
    }
  }

  private mutating func sortFrames(of job: JobRecord, _ frames: FrameFiles, nowMS: UInt64) {
    guard let plan = book.plans[job.id] else { return }
    for frame in job.terms.firstFrame...job.terms.lastFrame {
      let version = plan.version(ofFrame: frame)
      if version.isDone, frames.isWritten(job.id, frame) {
        board.wrote(version, of: frame, job.id)
      } else if job.isKept(nowMS: nowMS) {
        board.ready(version, of: frame, job.id)
      }
    }
  }

  private mutating func restorePlan(
    of job: JobRecord, from store: Store, _ outstanding: inout [UInt64: [TileIndex: UInt32]]
  ) throws {
    var stored: [StoredTile] = []
    for row in try store.tiles(of: job.id) {
      var tile = StoredTile(tile: row.tile, state: row.state, attempts: row.attempts, failedBy: row.failedBy)
      if let index = row.commitmentIndex, row.state == .pending || row.state == .verified {
        let (assignment, commitment) = try store.commitment(at: index)
        tile.work = commitment.record.work
        if row.state == .pending {
          tile.pending = JobPlan.Pending(
            worker: assignment.worker, attempt: assignment.attempt, commitment: commitment.record.digest,
            logIndex: index)
        }
      }
      if case .leased(let fence) = row.state { outstanding[fence, default: [:]][row.tile] = row.attempts - 1 }
      stored.append(tile)
    }
    book.restore(job.plan(stored), isRunning: !job.state.isOver)
    if job.state == .paused { book.jobPaused(job.id) }
    book.fund(job.id, treasury.uncommitted(of: job.id))
  }

  /// The open epoch's secret; opens one when none is open. A secret is stored with the entry that commits to
  /// it.
  private mutating func openEpoch(
    in store: Store, nowMS: UInt64, drawing: (_ count: Int) -> [UInt8]
  ) throws -> [UInt8] {
    if let epoch = treasury.openEpoch {
      guard let secret = try store.value("epoch-secret"), Digest(of: secret) == epoch.secretDigest else {
        throw StoreDamage("the secret of epoch \(epoch.number) is lost")
      }
      return secret
    }
    let secret = drawing(LogEntry.secretByteCount)
    var treasury = treasury
    try store.change {
      try treasury.openEpoch(secret: secret, nowMS: nowMS, to: store)
      try store.setValue("epoch-secret", secret)
    }
    try store.flush()
    self.treasury = treasury
    return secret
  }
}

extension Store {
  /// The commitment entry at that index.
  func commitment(at index: UInt64) throws -> (Assignment, Signed<Commitment>) {
    guard case .commitment(let assignment, let commitment) = try entry(at: index).body else {
      throw StoreDamage("log entry \(index) is no commitment")
    }
    return (assignment, commitment)
  }

  /// The verdict entry at that index.
  func verdict(at index: UInt64) throws -> Signed<Verdict> {
    guard case .verdict(let verdict) = try entry(at: index).body else {
      throw StoreDamage("log entry \(index) is no verdict")
    }
    return verdict
  }
}
