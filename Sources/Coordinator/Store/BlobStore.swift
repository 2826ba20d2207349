import Cryptography
import Durability
import Foundation

/// Files by content, `ab/cdef...` below a folder: scene files and fragments. A blob that is there is whole
/// and has the bytes of its name. Any thread may use it.
package struct BlobStore: Sendable {
  /// The folder.
  package let root: String

  /// Uses or makes the folder.
  package init(root: String) throws {
    self.root = root
    try DurableFile.makeFolder(root)
  }

  /// Where a blob lies, or would.
  package func path(of digest: Digest) -> String {
    let hex = digest.hex
    return "\(root)/\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  /// A blob's length; nil when it is not there.
  package func byteCount(of digest: Digest) -> UInt64? { DurableFile.byteCount(path(of: digest)) }

  /// Keeps `bytes` under their digest, durable when this returns. Storing the same bytes again is harmless.
  @discardableResult
  package func put(_ bytes: [UInt8]) throws -> Digest {
    let digest = Digest(of: bytes)
    let path = path(of: digest)
    guard byteCount(of: digest) == nil else {
      // Another writer may have renamed it and not yet flushed the name.
      try DurableFile.flushFolder(of: path)
      return digest
    }
    let folder = (path as NSString).deletingLastPathComponent
    if !FileManager.default.fileExists(atPath: folder) {
      try DurableFile.makeFolder(folder)
      try DurableFile.flushFolder(of: folder)
    }
    try DurableFile.write(bytes, to: path)
    return digest
  }

  /// Keeps a file whose digest was checked, by renaming it: it must lie on the same file system.
  package func adopt(file: String, digest: Digest) throws {
    let path = path(of: digest)
    try DurableFile.makeFolder((path as NSString).deletingLastPathComponent)
    try DurableFile.flush(file)
    guard rename(file, path) == 0 else { throw FileFault(what: "rename onto", path: path) }
    try DurableFile.flushFolder(of: path)
  }

  /// All blobs, in no order.
  func list() throws -> [BlobRetention.Blob] {
    var found: [BlobRetention.Blob] = []
    for folder in try FileManager.default.contentsOfDirectory(atPath: root) where folder.utf8.count == 2 {
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)") {
        var status = stat()
        // Not a blob: one that is being written, or was when the process ended.
        guard let digest = Digest(hex: folder + name), stat(path(of: digest), &status) == 0 else { continue }
        let usedMS = UInt64(status.st_mtim.tv_sec) * 1000
        found.append(.init(digest: digest, bytes: UInt64(status.st_size), usedMS: usedMS))
      }
    }
    return found
  }

  /// Notes that a blob is wanted now: it is not deleted for a while.
  func touch(_ digest: Digest) { utimes(path(of: digest), nil) }

  /// Deletes a blob; one that is not there is as good.
  func remove(_ digest: Digest) throws {
    guard unlink(path(of: digest)) == 0 || errno == ENOENT else {
      throw FileFault(what: "delete", path: path(of: digest))
    }
  }

  /// A blob's bytes; nil when it is not there.
  package func get(_ digest: Digest) throws -> [UInt8]? { try DurableFile.read(path(of: digest)) }
}
