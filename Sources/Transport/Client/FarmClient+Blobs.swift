import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// Blobs: whole files by digest.
extension FarmClient {
  /// Which of these the farm does not have.
  public func missingBlobs(_ digests: [Digest]) async throws -> [Digest] {
    let reply: BlobList = try await fetch(
      "POST", Routes.missingBlobs, body: try WireJSON.encode(BlobList(digests: digests)))
    return reply.digests
  }

  /// Uploads a file under its digest, which is returned. One that is longer than a piece goes in pieces, from
  /// where an earlier upload broke off; a piece whose connection breaks is sent again.
  public func uploadBlob(file path: String) async throws -> Digest {
    let (digest, count) = try digestOfFile(path)
    guard count <= Limits.pieceBytesMax else {
      try await uploadPieces(of: path, digest, size: UInt64(count))
      return digest
    }
    _ = try await send(
      "PUT", Routes.blob(digest), body: .file(path: path, count: count), bodyDigest: digest,
      contentType: "application/octet-stream", sink: .bytes(max: Limits.jsonBytesMax))
    return digest
  }

  /// Uploads small files in one go; all of them together must fit in a piece. Their digests, in order.
  public func uploadBatch(_ batch: BlobBatch) async throws -> [Digest] {
    let reply: BlobList = try await fetch(
      "POST", Routes.blobs, body: batch.encoded(), type: BlobBatch.contentType)
    return reply.digests
  }

  /// Tries of one piece, with growing pauses between them.
  private static let pieceTries = 6

  private func uploadPieces(of path: String, _ digest: Digest, size: UInt64) async throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TransportError.file(path: path, reason: systemErrorText(errno)) }
    defer { close(descriptor) }
    var status: UploadStatus = try await fetch("GET", Routes.parts(digest))
    var failures = 0
    while !status.isStored {
      var piece = [UInt8](repeating: 0, count: Int(min(size - status.bytes, UInt64(Limits.pieceBytesMax))))
      let count = piece.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, off_t(status.bytes))
      }
      guard count > 0 || piece.isEmpty else {
        throw TransportError.file(path: path, reason: "it became shorter while it was sent")
      }
      do {
        status = try await fetch(
          "POST", Routes.piece(digest, offset: status.bytes, size: size),
          body: Array(piece.prefix(max(0, count))), type: "application/octet-stream")
        failures = 0
      } catch let error as TransportError where error.isRetryable && failures + 1 < FarmClient.pieceTries {
        failures += 1
        try await Task.sleep(for: .milliseconds(250 << failures))
        status = (try? await fetch("GET", Routes.parts(digest))) ?? status
      }
    }
  }

  /// Downloads a blob to `path`, which exists afterwards only if its bytes have that digest.
  public func downloadBlob(_ digest: Digest, to path: String) async throws {
    _ = try await download(Routes.blob(digest), to: path, expecting: digest)
  }

  /// Downloads beside `path`, checks, then puts it in place with one rename.
  func download(_ target: String, to path: String, expecting: Digest?) async throws -> HTTPAnswer {
    let partial = "\(path).\(randomBytes(count: 6).hex).part"
    defer { unlink(partial) }
    let answer = try await send(
      "GET", target, bodyDigest: Digest(of: []), sink: .file(path: partial, max: Limits.blobBytesMax))
    if let expecting, answer.bodyDigest != expecting {
      throw TransportError.digestMismatch(expected: expecting, found: answer.bodyDigest)
    }
    guard rename(partial, path) == 0 else {
      throw TransportError.file(path: path, reason: systemErrorText(errno))
    }
    return answer
  }
}

/// A file's SHA-256 and length, read in pieces.
func digestOfFile(_ path: String) throws(TransportError) -> (digest: Digest, count: Int) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .file(path: path, reason: systemErrorText(errno)) }
  defer { close(descriptor) }
  var hasher = SHA256()
  var count = 0
  while true {
    guard let bytes = readSome(descriptor, bytesMax: 1 << 20) else {
      throw .file(path: path, reason: systemErrorText(errno))
    }
    if bytes.isEmpty { return (hasher.finalize(), count) }
    hasher.update(bytes)
    count += bytes.count
  }
}
