import Cryptography
import Durability
import FarmProtocol
import Foundation

/// Files of scenes by content, kept between jobs and runs.
package struct BlobCache: Sendable {
  private let folder: URL

  /// A cache in `folder`, which is made.
  package init(folder: URL) throws(WorkerError) {
    self.folder = folder
    try onDisk { () throws(FileFault) in try DurableFile.makeFolder(folder.path, mode: 0o700) }
  }

  /// Where a blob is, or will be: 256 folders, so that none grows huge.
  package func place(_ digest: Digest) -> URL {
    folder.appendingPathComponent(String(digest.hex.prefix(2))).appendingPathComponent(digest.hex)
  }

  /// Bundle path -> absolute path of its blob.
  package func files(of manifest: BundleManifest) -> [String: String] {
    Dictionary(uniqueKeysWithValues: manifest.files.map { ($0.path, place($0.digest).path) })
  }

  /// The blobs of a bundle that are not here, each once. A file of another length is what a power cut left:
  /// it is fetched again.
  package func missing(_ manifest: BundleManifest) -> [BundleManifest.File] {
    var seen: Set<Digest> = []
    return manifest.files.filter { file in
      seen.insert(file.digest).inserted
        && DurableFile.byteCount(place(file.digest).path) != file.bytes
    }
  }

  /// Brings every missing blob here through `link`.
  package func fetch(_ manifest: BundleManifest, through link: any CoordinatorLink) async throws {
    for file in missing(manifest) {
      let place = place(file.digest)
      try DurableFile.makeFolder(place.deletingLastPathComponent().path, mode: 0o700)
      try await link.download(file.digest, to: place.path)
      let bytes = DurableFile.byteCount(place.path)
      guard bytes == file.bytes else {
        throw Refusal(
          .bundleInvalid, "blob \(file.digest.short) has \(bytes ?? 0) bytes, the bundle says \(file.bytes)")
      }
    }
  }
}
