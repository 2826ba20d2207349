import Cryptography
import FarmProtocol
import Settlement

/// A tile's row: what a plan needs, and where the log speaks of it.
struct TileRow: Equatable {
  var tile: TileIndex
  var state: JobPlan.TileState
  var attempts: UInt32
  var failedBy: [PublicKey]
  /// Log index of the commitment of a pending or verified tile.
  var commitmentIndex: UInt64?
  /// Log index of the verdict of a verified tile.
  var verdictIndex: UInt64?
}

extension Store {
  /// Writes a tile as its plan has it now.
  func put(_ plan: JobPlan, _ tile: TileIndex, commitmentIndex: UInt64? = nil, verdictIndex: UInt64? = nil)
    throws
  {
    let (state, fence): (Int64, UInt64) =
      switch plan.state(of: tile) {
      case .queued: (0, 0)
      case .leased(let fence): (1, fence)
      case .pending: (2, 0)
      case .verified: (3, 0)
      }
    try database.run(
      "INSERT OR REPLACE INTO tiles VALUES(?, ?, ?, ?, ?, ?, ?, ?)", .blob(plan.id.digest.bytes),
      .integer(Int64(tile.value)), .integer(state), .integer(Int64(plan.attempts(of: tile))),
      .blob(plan.failures(of: tile).flatMap(\.bytes)), .integer(Int64(fence)),
      commitmentIndex.map { .integer(Int64($0)) } ?? .null, verdictIndex.map { .integer(Int64($0)) } ?? .null)
  }

  /// The job's tiles that were given out at least once, ascending.
  func tiles(of job: JobID) throws -> [TileRow] {
    try database.rows(
      """
      SELECT tile, state, attempts, failed_by, fence, commitment_index, verdict_index FROM tiles
      WHERE job = ? ORDER BY tile
      """, .blob(job.digest.bytes), map: tileRow)
  }

  /// One tile; nil when it was never given out.
  func tile(_ tile: TileIndex, of job: JobID) throws -> TileRow? {
    try database.rows(
      """
      SELECT tile, state, attempts, failed_by, fence, commitment_index, verdict_index FROM tiles
      WHERE job = ? AND tile = ?
      """, .blob(job.digest.bytes), .integer(Int64(tile.value)), map: tileRow
    ).first
  }

  private func tileRow(_ row: SQLiteConnection.Row) throws -> TileRow {
    let state: JobPlan.TileState =
      switch row.integer(1) {
      case 0: .queued
      case 1: .leased(fence: UInt64(row.integer(4)))
      case 2: .pending
      case 3: .verified
      default: throw StoreDamage("tile \(row.integer(0)) has state \(row.integer(1))")
      }
    let keys = row.blob(3)
    let failedBy = stride(from: 0, to: keys.count, by: 32).compactMap {
      PublicKey(bytes: keys[$0..<min($0 + 32, keys.count)])
    }
    return TileRow(
      tile: TileIndex(UInt32(row.integer(0))), state: state, attempts: UInt32(row.integer(2)),
      failedBy: failedBy,
      commitmentIndex: row.isNull(5) ? nil : UInt64(row.integer(5)),
      verdictIndex: row.isNull(6) ? nil : UInt64(row.integer(6)))
  }

  // MARK: Leases, workers, results

  func insert(_ lease: HeldLease) throws {
    try database.run(
      "INSERT INTO leases VALUES(?, ?, ?, ?, ?, ?)", .integer(Int64(lease.fence)), .blob(lease.worker.bytes),
      .blob(lease.job.digest.bytes), .integer(Int64(lease.frame)), .integer(Int64(lease.grantedMS)),
      .integer(Int64(lease.deadlineMS)))
  }

  func deleteLease(_ fence: UInt64) throws {
    try database.run("DELETE FROM leases WHERE fence = ?", .integer(Int64(fence)))
  }

  /// The stored leases, without their tiles: the tiles name their lease.
  func leases() throws -> [HeldLease] {
    try database.rows("SELECT fence, worker, job, frame, granted_ms, deadline_ms FROM leases ORDER BY fence")
    {
      guard let worker = PublicKey(bytes: $0.blob(1)), let job = Digest(bytes: $0.blob(2)) else {
        throw StoreDamage("lease \($0.integer(0)) names no worker or job")
      }
      return HeldLease(
        fence: UInt64($0.integer(0)), worker: worker, job: JobID(job), frame: UInt32($0.integer(3)),
        grantedMS: UInt64($0.integer(4)), deadlineMS: UInt64($0.integer(5)), outstanding: [:])
    }
  }

  func put(worker: PublicKey, name: String, banned: Bool) throws {
    try database.run(
      "INSERT OR REPLACE INTO workers VALUES(?, ?, ?)", .blob(worker.bytes), .text(name),
      .integer(banned ? 1 : 0))
  }

  func workers() throws -> [(key: PublicKey, name: String, banned: Bool)] {
    try database.rows("SELECT key, name, banned FROM workers") {
      guard let key = PublicKey(bytes: $0.blob(0)) else { throw StoreDamage("a worker's key") }
      return (key, $0.text(1), $0.integer(2) == 1)
    }
  }

  func insertResult(_ commitment: Digest, at index: UInt64) throws {
    try database.run("INSERT INTO results VALUES(?, ?)", .blob(commitment.bytes), .integer(Int64(index)))
  }

  /// Where the log has a commitment; nil when it was never accepted.
  func resultIndex(_ commitment: Digest) throws -> UInt64? {
    try database.rows("SELECT idx FROM results WHERE commitment = ?", .blob(commitment.bytes)) {
      UInt64($0.integer(0))
    }.first
  }
}
