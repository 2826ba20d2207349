import Cryptography
import Durability
import FarmProtocol
import Foundation
import Transport

/// Files of scenes, coming and going.
extension FarmService {
  func blob(_ match: RouteMatch, _ request: HTTPRequest, _ caller: PublicKey) async throws -> HTTPReply {
    let blobs = coordinator.blobs
    switch match.route {
    case .missingBlobs:
      let asked: BlobList = try message(in: request)
      let missing = asked.digests.filter { blobs.byteCount(of: $0) == nil }
      for known in Set(asked.digests).subtracting(missing) { blobs.touch(known) }
      return .json(BlobList(digests: missing))
    case .uploadStatus: return .json(await coordinator.uploads.status(match.digest, by: caller))
    case .getBlob:
      let type = "application/octet-stream"
      if blobs.byteCount(of: match.digest) != nil {
        return .file(path: blobs.path(of: match.digest), type: type)
      }
      guard let bytes = try await coordinator.fragmentRow(match.digest) else {
        throw Refusal(.blobMissing, "the farm has no blob \(match.digest.short)")
      }
      return .bytes(status: 200, type: type, bytes)
    default:
      try await coordinator.checkQuota()
      return try await store(match, request, caller)
    }
  }

  private func store(
    _ match: RouteMatch, _ request: HTTPRequest, _ caller: PublicKey
  ) async throws -> HTTPReply {
    let (blobs, status) = (coordinator.blobs, match.route.row.status)
    switch match.route {
    case .putBatch:
      let batch = try BlobBatch(decoding: bytes(of: request))
      return .json(BlobList(digests: try batch.blobs.map { try blobs.put($0) }), status: status)
    case .putPiece:
      let (offset, size) = match.piece
      let taken = try await coordinator.uploads.take(
        bytes(of: request), at: offset, of: size, match.digest, by: caller)
      return .json(taken, status: status)
    case .putBlob:
      let digest = match.digest
      guard request.bodyDigest == digest else {
        throw Refusal(
          .badRequest, "the body has digest \(request.bodyDigest.short), the path says \(digest.short)")
      }
      switch request.body {
      case .bytes(let bytes): try blobs.put(bytes)
      case .file(let path, _): try blobs.adopt(file: path, digest: digest)
      }
      return .json(BlobList(digests: [digest]), status: status)
    default: preconditionFailure("\(match.route) stores no blob")
    }
  }
}
