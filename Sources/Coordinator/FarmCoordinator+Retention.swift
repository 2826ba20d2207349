import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// How long scene files and fragments are kept.
extension FarmCoordinator {
  /// How often it is looked whether there is room.
  private static let collectEveryMS: UInt64 = 60_000

  /// Deletes what no job needs when there is no room, each minute.
  func collectIfDue() async throws {
    guard nowMS >= collectedMS + FarmCoordinator.collectEveryMS else { return }
    collectedMS = nowMS
    try await collect()
  }

  /// Deletes what no job needs when there is no room.
  /// - Returns: how many files.
  @discardableResult
  package func collect() async throws -> Int {
    let nowMS = nowMS
    try await uploads.discard(notSinceMS: nowMS - min(nowMS, JobRecord.retentionMS))
    let retention = BlobRetention(quotaBytes: configuration.quotaBytes)
    let stored = try await listBlobs()
    storedBytes = stored.reduce(0) { $0 + $1.bytes }
    let expired = retention.expired(
      stored, needed: try neededBlobs(), freeBytes: configuration.freeBytes(), nowMS: nowMS)
    for blob in expired {
      try blobs.remove(blob.digest)
      storedBytes -= blob.bytes
    }
    return expired.count
  }

  private nonisolated func listBlobs() async throws -> [BlobRetention.Blob] { try blobs.list() }

  /// Refuses (`busy`) an upload when what jobs need fills the quota already.
  package func checkQuota() throws {
    try checkRoom()
    guard storedBytes < configuration.quotaBytes else {
      throw Refusal(
        .busy, "the farm stores \(storedBytes >> 20) MiB for its jobs, which is all it may",
        remedy: "try again when jobs have ended")
    }
  }

  private func neededBlobs() throws -> Set<Digest> {
    var needed: Set<Digest> = []
    for job in jobs.values where job.isKept(nowMS: nowMS) {
      needed.formUnion(job.manifest.files.map(\.digest))
      needed.formUnion(try store.fragments(of: job.id))
    }
    return needed
  }
}

extension Store {
  /// Notes that the job has that fragment.
  func insertFragment(_ digest: Digest, of job: JobID) throws {
    try database.run(
      "INSERT OR REPLACE INTO fragments VALUES(?, ?)", .blob(job.digest.bytes), .blob(digest.bytes))
  }

  /// Every fragment that was accepted for the job.
  func fragments(of job: JobID) throws -> [Digest] {
    try database.rows("SELECT digest FROM fragments WHERE job = ?", .blob(job.digest.bytes)) {
      guard let digest = Digest(bytes: $0.blob(0)) else { throw StoreDamage("a fragment's digest") }
      return digest
    }
  }
}
