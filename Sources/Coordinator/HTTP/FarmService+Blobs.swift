import Cryptography
import Durability
import FarmProtocol
import Foundation
import Transport

/// Files of scenes, coming and going.
extension FarmService {
  func blob(_ endpoint: Endpoint, _ request: HTTPRequest, _ caller: PublicKey) async throws -> HTTPReply {
    let blobs = coordinator.blobs
    switch endpoint {
    case .missingBlobs:
      let asked: BlobList = try message(in: request)
      let missing = asked.digests.filter { blobs.byteCount(of: $0) == nil }
      for known in Set(asked.digests).subtracting(missing) { blobs.touch(known) }
      return .json(BlobList(digests: missing))
    case .uploadStatus(let digest): return .json(await coordinator.uploads.status(digest, by: caller))
    case .getBlob(let digest):
      guard blobs.byteCount(of: digest) != nil else {
        throw Refusal(.blobMissing, "the farm has no blob \(digest.short)")
      }
      return .file(path: blobs.path(of: digest), type: "application/octet-stream")
    default:
      try await coordinator.checkQuota()
      return try await store(endpoint, request, caller)
    }
  }

  private func store(
    _ endpoint: Endpoint, _ request: HTTPRequest, _ caller: PublicKey
  ) async throws -> HTTPReply {
    let blobs = coordinator.blobs
    switch endpoint {
    case .putBatch:
      let batch = try BlobBatch(decoding: bytes(of: request))
      return .json(BlobList(digests: try batch.blobs.map { try blobs.put($0) }), status: 201)
    case .putPiece(let digest):
      let (offset, size) = try place(of: request.query)
      let status = try await coordinator.uploads.take(
        bytes(of: request), at: offset, of: size, digest, by: caller)
      return .json(status, status: status.isStored ? 201 : 200)
    case .putBlob(let digest):
      guard request.bodyDigest == digest else {
        throw Refusal(
          .badRequest, "the body has digest \(request.bodyDigest.short), the path says \(digest.short)")
      }
      switch request.body {
      case .bytes(let bytes): try blobs.put(bytes)
      case .file(let path, _): try blobs.adopt(file: path, digest: digest)
      }
      return .json(BlobList(digests: [digest]), status: 201)
    default: preconditionFailure("\(endpoint) stores no blob")
    }
  }

  /// `offset=N&size=TOTAL`, in this order and nothing else.
  private func place(of query: String) throws -> (offset: UInt64, size: UInt64) {
    let parts = query.split(separator: "&", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].hasPrefix("offset="), parts[1].hasPrefix("size="),
      let offset = UInt64(parts[0].dropFirst(7)), let size = UInt64(parts[1].dropFirst(5))
    else { throw Refusal(.badRequest, "the query is \"\(query)\", expected offset=N&size=TOTAL") }
    return (offset, size)
  }
}
