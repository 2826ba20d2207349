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
  var state: JobState = .running
  /// Why it failed; empty otherwise.
  var reason = ""
  /// Ended, all verdicts in, the rest of its budget returned.
  var isClosed = false

  var id: JobID { terms.id }
}

extension Store {
  func insert(_ job: JobRecord) throws {
    try database.run(
      "INSERT INTO jobs VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0)", .blob(job.id.digest.bytes),
      .blob(job.terms.canonicalBytes), .blob(job.manifest.canonicalBytes), .integer(job.budget.value),
      .integer(Int64(job.submittedMS)), .integer(Int64(job.reservedAt)), .text(job.state.rawValue),
      .text(job.reason))
  }

  func update(_ job: JobRecord) throws {
    try database.run(
      "UPDATE jobs SET state = ?, reason = ?, closed = ? WHERE id = ?", .text(job.state.rawValue),
      .text(job.reason), .integer(job.isClosed ? 1 : 0), .blob(job.id.digest.bytes))
  }

  func jobs() throws -> [JobRecord] {
    try database.rows(
      "SELECT terms, manifest, budget, submitted_ms, reserved_at, state, reason, closed FROM jobs"
    ) { row in
      guard let state = JobState(rawValue: row.text(5)) else {
        throw StoreDamage("job state \"\(row.text(5))\"")
      }
      return JobRecord(
        terms: try JobTerms(canonicalBytes: row.blob(0)),
        manifest: try BundleManifest(canonicalBytes: row.blob(1)), budget: Microcredits(row.integer(2)),
        submittedMS: UInt64(row.integer(3)), reservedAt: UInt64(row.integer(4)), state: state,
        reason: row.text(6), isClosed: row.integer(7) == 1)
    }
  }
}
