import Cryptography
import Settlement

/// The files of a scene, by content. Paths are relative, with `/`, in ascending order of their UTF-8 bytes.
public struct BundleManifest: Hashable, Sendable, Codable {
  /// One file.
  public struct File: Hashable, Sendable, Codable {
    /// Relative path: no `..`, no empty or `.` component, no leading `/`, no backslash, no control character.
    public var path: String
    /// SHA-256 of its bytes.
    public var digest: Digest
    /// Its length.
    public var bytes: UInt64
    /// All fields.
    public init(path: String, digest: Digest, bytes: UInt64) {
      self.path = path
      self.digest = digest
      self.bytes = bytes
    }
  }

  /// The files, sorted by path.
  public var files: [File]

  /// Sorts the files by path.
  public init(files: [File]) {
    self.files = files.sorted { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
  }
}

extension BundleManifest: CanonicalRecord {
  /// Domain `farm/bundle/v1`.
  public static let canonicalType = "bundle"

  /// A count, then path, digest and length of each file.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(UInt32(files.count))
    for file in files {
      writer.write(file.path)
      writer.write(file.digest)
      writer.write(file.bytes)
    }
  }

  /// Reads what `encode` wrote; what it says is checked by `validate`.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    let count: UInt32 = try reader.read()
    guard count <= Limits.bundleFilesMax else { throw .invalid(field: "file count") }
    files = []
    for _ in 0..<count {
      files.append(
        File(path: try reader.readString(), digest: try reader.readDigest(), bytes: try reader.read()))
    }
  }
}

/// `POST /v1/blobs/missing`: which of these does the farm not have yet?
public struct BlobList: Hashable, Sendable, Codable {
  /// Digests of blobs.
  public var digests: [Digest]
  /// A list.
  public init(digests: [Digest]) { self.digests = digests }
}
