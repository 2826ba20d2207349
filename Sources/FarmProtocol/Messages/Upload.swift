import Cryptography
import Settlement

/// `POST /v1/blobs`: many small files in one body. A domain line `farm/blobs/v1\n`, a u32 count, then each
/// file as a u32 count and that many bytes; big-endian, nothing follows.
public struct BlobBatch: Hashable, Sendable {
  /// The content type of the body.
  public static let contentType = "application/vnd.farm.blobs"
  /// The files.
  public var blobs: [[UInt8]]
  /// A batch.
  public init(_ blobs: [[UInt8]]) { self.blobs = blobs }

  /// The body's bytes.
  public func encoded() -> [UInt8] {
    var writer = CanonicalWriter(type: "blobs")
    writer.write(UInt32(blobs.count))
    for blob in blobs { writer.write(counted: blob) }
    return writer.bytes
  }

  /// Reads a body; refuses (`badRequest`) bytes that are no batch, or one of more than
  /// `Limits.batchBlobsMax` files.
  public init(decoding bytes: [UInt8]) throws(Refusal) {
    blobs = []
    do throws(CanonicalError) {
      var reader = try CanonicalReader(bytes, type: "blobs")
      let count: UInt32 = try reader.read()
      guard count <= Limits.batchBlobsMax else { throw .invalid(field: "file count") }
      for _ in 0..<count { blobs.append(try reader.readCounted()) }
      try reader.finish()
    } catch {
      throw .init(.badRequest, "the batch is malformed at file \(blobs.count): \(error)")
    }
  }
}

/// How far an upload in pieces has come: `GET` and `POST /v1/blobs/DIGEST/parts`.
public struct UploadStatus: Hashable, Sendable, Codable {
  /// The file.
  public var digest: Digest
  /// Bytes that the farm has, from the first; the next piece starts there.
  public var bytes: UInt64
  /// Whether it is whole, checked and stored.
  public var isStored: Bool
  /// All fields.
  public init(digest: Digest, bytes: UInt64, isStored: Bool) {
    self.digest = digest
    self.bytes = bytes
    self.isStored = isStored
  }
}

extension Routes {
  /// `POST` `BlobBatch`: `BlobList` of what was stored.
  public static let blobs = "/v1/blobs"
  /// `GET`: `UploadStatus`.
  public static func parts(_ digest: Digest) -> String { "/v1/blobs/\(digest.hex)/parts" }
  /// `POST` the piece that starts at `offset` of a file of `size` bytes: `UploadStatus`.
  public static func piece(_ digest: Digest, offset: UInt64, size: UInt64) -> String {
    "\(parts(digest))/\(offset)/\(size)"
  }
}
