import Cryptography
import FarmProtocol
import Settlement

/// A job as it was accepted, and where it stands.
struct JobRecord: Sendable, Equatable {
  let terms: JobTerms
  let manifest: BundleManifest
  let budget: Microcredits
  let submittedMS: UInt64
  /// Index of the log entry that reserved its money.
  let reservedAt: UInt64
  /// The quote that it was accepted under; nil when it reserved its worst case.
  let quote: Quote?
  /// When it should be done; nil for whenever.
  let deadlineMS: UInt64?
  /// Among its submitter's jobs the higher goes first.
  let priority: Int
  /// Memory that a worker needs, bytes, as it was measured; nil before.
  var memoryBytes: UInt64?
  var state: JobState = .running
  /// Why it failed; empty otherwise.
  var reason = ""
  /// When it ended; nil while it has not.
  var endedMS: UInt64?
  /// Ended, all verdicts in, the rest of its budget returned.
  var isClosed = false

  var id: JobID { terms.id }

  /// After a job ended its files and fragments are kept so long: the window in which anyone may check its
  /// tiles.
  static let retentionMS: UInt64 = 7 * 86_400_000

  /// Whether the fragments of the job are still to be had.
  func isKept(nowMS: UInt64) -> Bool {
    guard state.isOver, isClosed, let endedMS else { return true }
    return nowMS < endedMS + JobRecord.retentionMS
  }

  /// Rays that a tile is expected to take; nil without a quote.
  private var tileWork: UInt64? { quote.map { max(1, $0.work.likely / UInt64(terms.wholeTileCount)) } }

  /// Memory that a worker needs: measured, or estimated from the job's files.
  private var memoryNeed: UInt64 {
    let files = manifest.files.reduce(0) { $0 + $1.bytes }
    return memoryBytes ?? Limits.memoryEstimate.bytes + Limits.memoryEstimate.timesFiles * files
  }

  /// Its plan, from the tiles that were given out so far.
  func plan(_ stored: [StoredTile] = []) -> JobPlan {
    JobPlan(
      id: id, terms: terms, reservedAt: reservedAt, expectedWork: tileWork, deadlineMS: deadlineMS,
      priority: priority, memoryBytes: memoryNeed, stored: stored)
  }
}

extension Store {
  func insert(_ job: JobRecord) throws {
    try database.run(
      """
      INSERT INTO jobs(id, terms, manifest, budget, submitted_ms, reserved_at, state, reason, closed, quote,
        deadline_ms, priority, memory_bytes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
      """, .blob(job.id.digest.bytes),
      .blob(job.terms.canonicalBytes), .blob(job.manifest.canonicalBytes), .integer(job.budget.value),
      .integer(Int64(job.submittedMS)), .integer(Int64(job.reservedAt)), .text(job.state.rawValue),
      .text(job.reason), job.quote.map { .blob($0.canonicalBytes) } ?? .null,
      job.deadlineMS.map { .integer(Int64(clamping: $0)) } ?? .null, .integer(Int64(job.priority)),
      job.memoryBytes.map { .integer(Int64(clamping: $0)) } ?? .null)
  }

  func update(_ job: JobRecord) throws {
    try database.run(
      "UPDATE jobs SET state = ?, reason = ?, closed = ?, ended_ms = ?, memory_bytes = ? WHERE id = ?",
      .text(job.state.rawValue), .text(job.reason), .integer(job.isClosed ? 1 : 0),
      job.endedMS.map { .integer(Int64($0)) } ?? .null,
      job.memoryBytes.map { .integer(Int64(clamping: $0)) } ?? .null, .blob(job.id.digest.bytes))
  }

  func jobs() throws -> [JobRecord] {
    try database.rows(
      """
      SELECT terms, manifest, budget, submitted_ms, reserved_at, state, reason, closed, quote, deadline_ms,
        priority, ended_ms, memory_bytes FROM jobs
      """
    ) { row in
      guard let state = JobState(rawValue: row.text(5)) else {
        throw StoreDamage("job state \"\(row.text(5))\"")
      }
      return JobRecord(
        terms: try JobTerms(canonicalBytes: row.blob(0)),
        manifest: try BundleManifest(canonicalBytes: row.blob(1)), budget: Microcredits(row.integer(2)),
        submittedMS: UInt64(row.integer(3)), reservedAt: UInt64(row.integer(4)),
        quote: row.isNull(8) ? nil : try Quote(canonicalBytes: row.blob(8)),
        deadlineMS: row.isNull(9) ? nil : UInt64(row.integer(9)), priority: Int(row.integer(10)),
        memoryBytes: row.isNull(12) ? nil : UInt64(row.integer(12)),
        state: state, reason: row.text(6), endedMS: row.isNull(11) ? nil : UInt64(row.integer(11)),
        isClosed: row.integer(7) == 1)
    }
  }
}
