import Cryptography
import FarmProtocol

/// Which blobs to delete when there is no room: those that no job needs, the longest unused first. Pure.
package struct BlobRetention: Sendable {
  /// A stored file.
  package struct Blob: Sendable, Equatable {
    package var digest: Digest
    package var bytes: UInt64
    /// When it was stored or last asked about, milliseconds since 1970.
    package var usedMS: UInt64
    package init(digest: Digest, bytes: UInt64, usedMS: UInt64) {
      self.digest = digest
      self.bytes = bytes
      self.usedMS = usedMS
    }
  }

  /// Most bytes of all blobs together.
  package var quotaBytes: UInt64
  /// Room that is to be left on the disk.
  package var freeBytesMin: UInt64 = 4 * Limits.diskReserveBytes
  /// A blob that was used so lately stays: its job is about to be submitted.
  package var graceMS: UInt64 = 3_600_000

  package init(quotaBytes: UInt64) { self.quotaBytes = quotaBytes }

  /// What to delete; nothing while there is room.
  package func expired(
    _ blobs: [Blob], needed: Set<Digest>, freeBytes: UInt64, nowMS: UInt64
  ) -> [Blob] {
    let total = blobs.reduce(0) { $0 + $1.bytes }
    let overQuota = total - min(total, quotaBytes)
    let overDisk = freeBytesMin - min(freeBytesMin, freeBytes)
    var toFree = max(overQuota, overDisk)
    guard toFree > 0 else { return [] }
    // A tenth more, so as not to be back at once.
    toFree += min(total, quotaBytes) / 10
    var expired: [Blob] = []
    for blob in blobs.sorted(by: { ($0.usedMS, $0.digest) < ($1.usedMS, $1.digest) }) {
      guard toFree > 0 else { break }
      guard !needed.contains(blob.digest), blob.usedMS + graceMS < nowMS else { continue }
      expired.append(blob)
      toFree -= min(toFree, blob.bytes)
    }
    return expired
  }
}
