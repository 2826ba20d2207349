import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// Uploads that come in pieces. What has come lies in a file for each key and blob, so that a connection that
/// breaks, or a coordinator that stops, costs no more than a piece. A blob that is whole and has the right
/// bytes goes to the blob store; one with others is thrown away.
package actor UploadDesk {
  private let root: String
  private let blobs: BlobStore

  /// Uses or makes the folder, which must lie on the blob store's file system.
  package init(root: String, blobs: BlobStore) throws {
    self.root = root
    self.blobs = blobs
    try DurableFile.makeFolder(root)
  }

  /// How far an upload has come.
  package func status(_ digest: Digest, by key: PublicKey) -> UploadStatus {
    if let bytes = blobs.byteCount(of: digest) {
      return UploadStatus(digest: digest, bytes: bytes, isStored: true)
    }
    let bytes = DurableFile.byteCount(path(digest, key)) ?? 0
    return UploadStatus(digest: digest, bytes: bytes, isStored: false)
  }

  /// Takes the piece that starts at `offset` of a file of `size` bytes. A piece that was taken before is
  /// taken again, for its answer may have been lost. Refuses a piece beyond what has come (`conflict`), one
  /// that goes beyond the size, and a whole file of other bytes (`badRequest`).
  package func take(
    _ piece: [UInt8], at offset: UInt64, of size: UInt64, _ digest: Digest, by key: PublicKey
  ) throws -> UploadStatus {
    let before = status(digest, by: key)
    guard !before.isStored else { return before }
    guard size <= UInt64(Limits.blobBytesMax), offset <= size, UInt64(piece.count) <= size - offset else {
      throw Refusal(
        .badRequest, "\(piece.count) bytes at \(offset) of a file of \(size), at most \(Limits.blobBytesMax)")
    }
    guard offset <= before.bytes else {
      throw Refusal(
        .conflict, "the piece starts at \(offset), \(before.bytes) bytes have come",
        remedy: "go on at \(before.bytes)")
    }
    let path = path(digest, key)
    try write(piece, to: path, at: offset)
    let bytes = max(before.bytes, offset + UInt64(piece.count))
    guard bytes == size else { return UploadStatus(digest: digest, bytes: bytes, isStored: false) }
    try store(path, as: digest)
    return UploadStatus(digest: digest, bytes: bytes, isStored: true)
  }

  /// Throws uploads away that nobody went on with since that time.
  package func discard(notSinceMS limitMS: UInt64) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: root) {
      var status = stat()
      guard stat("\(root)/\(name)", &status) == 0, UInt64(status.st_mtim.tv_sec) * 1000 < limitMS else {
        continue
      }
      unlink("\(root)/\(name)")
    }
  }

  private func path(_ digest: Digest, _ key: PublicKey) -> String { "\(root)/\(digest.hex).\(key.short)" }

  private func write(_ piece: [UInt8], to path: String, at offset: UInt64) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault(what: "open", path: path) }
    defer { close(descriptor) }
    var done = 0
    while done < piece.count {
      let count = piece.withUnsafeBytes { buffer in
        pwrite(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset) + off_t(done)
        )
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileFault(what: "write", path: path) }
      done += count
    }
  }

  private func store(_ path: String, as digest: Digest) throws {
    let found = try DurableFile.digest(path)
    guard found == digest else {
      unlink(path)
      throw Refusal(
        .badRequest, "the whole file has digest \(found.short), the path says \(digest.short)",
        remedy: "upload it again from its first byte")
    }
    try blobs.adopt(file: path, digest: digest)
  }
}
