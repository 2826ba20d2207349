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
  package func collectIfDue() async throws {
    guard nowMS < collectedMS || nowMS >= collectedMS + FarmCoordinator.collectEveryMS else { return }
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
    return expired.count + (try deleteRows())
  }

  /// Deletes the fragments in the store of jobs whose tiles can be checked no more.
  private func deleteRows() throws -> Int {
    let over = jobs.values.filter { !$0.isKept(nowMS: nowMS) && !rowsDeleted.contains($0.id) }
    guard !over.isEmpty else { return 0 }
    let count = try commit { try over.reduce(0) { $0 + (try store.deleteFragmentRows(of: $1.id)) } }
    try flush()
    rowsDeleted.formUnion(over.map(\.id))
    return count
  }

  /// A fragment that lies in the store; nil for one that is a file, or is not there.
  func fragmentRow(_ digest: Digest, of job: JobID) throws -> [UInt8]? {
    try store.fragmentRow(digest, of: job)
  }

  /// A fragment of any job that lies in the store.
  package func fragmentRow(_ digest: Digest) throws -> [UInt8]? {
    for job in jobs.keys {
      if let bytes = try store.fragmentRow(digest, of: job) { return bytes }
    }
    return nil
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
      needed.formUnion(try store.fragmentFiles(of: job.id))
    }
    return needed
  }
}

extension Store {
  /// Notes that the job has that fragment, and keeps its bytes unless they are a file.
  func insertFragment(_ digest: Digest, of job: JobID, bytes: [UInt8]?) throws {
    try database.run(
      "INSERT OR REPLACE INTO fragments VALUES(?, ?, ?)", .blob(job.digest.bytes), .blob(digest.bytes),
      bytes.map { .blob($0) } ?? .null)
  }

  func fragmentRow(_ digest: Digest, of job: JobID) throws -> [UInt8]? {
    try database.rows(
      "SELECT bytes FROM fragments WHERE job = ? AND digest = ? AND bytes IS NOT NULL",
      .blob(job.digest.bytes), .blob(digest.bytes)
    ) { $0.blob(0) }.first
  }

  /// - Returns: how many there were.
  func deleteFragmentRows(of job: JobID) throws -> Int {
    let before = database.changeCount
    try database.run("DELETE FROM fragments WHERE job = ? AND bytes IS NOT NULL", .blob(job.digest.bytes))
    return Int(database.changeCount - before)
  }

  /// Every fragment that was accepted for the job and is a file.
  func fragmentFiles(of job: JobID) throws -> [Digest] {
    try database.rows(
      "SELECT digest FROM fragments WHERE job = ? AND bytes IS NULL", .blob(job.digest.bytes)
    ) {
      guard let digest = Digest(bytes: $0.blob(0)) else { throw StoreDamage("a fragment's digest") }
      return digest
    }
  }
}
