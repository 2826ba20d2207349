import Cryptography
import FarmProtocol
import Foundation
import Imaging
import SceneModel
import Settlement
import Terminal
import Transport

/// A scene with all its files, and the terms it is to be rendered under.
struct Submission {
  /// What is asked for; the cap per tile is named later, by the quote or from the worst case.
  let terms: JobTerms
  let manifest: BundleManifest
  /// Where each blob lies on this machine.
  private let files: [Digest: String]
  let farm: FarmInfo

  init(_ arguments: Arguments, _ access: FarmAccess) async throws {
    let local = try LocalScene(arguments)
    var files: [Digest: String] = [:]
    var entries: [BundleManifest.File] = []
    for path in try SceneReader.dependencies(of: local.path, in: local.files, overrides: local.overrides) {
      let bytes = try local.files.bytes(at: path)
      let digest = Digest(of: bytes)
      files[digest] = local.location(of: path)
      entries.append(.init(path: path, digest: digest, bytes: UInt64(bytes.count)))
    }
    self.files = files
    manifest = BundleManifest(files: entries)
    try manifest.validate()
    farm = try await access.client.farmInfo()
    let frames = try frameRange(arguments, default: "1")
    let tileSidePX: UInt32 = try arguments.integer(
      "--tile-side", in: 8...512,
      default: JobTerms.fittedTileSidePX(
        widthPX: local.widthPX, heightPX: local.heightPX, frames: frames.count, workers: farm.workersOnline))
    terms = JobTerms(
      bundle: manifest.digest, sceneFile: local.path, kernelSet: farm.kernelSet,
      widthPX: UInt32(local.widthPX),
      heightPX: UInt32(local.heightPX),
      tileSidePX: tileSidePX,
      samplesPerPixel: UInt32(local.samplesPerPixel), maxDepth: UInt32(local.maxDepth),
      background: local.background == .transparent ? .transparent : .environment, camera: local.camera ?? "",
      environmentFile: local.overrides.environmentFile ?? "",
      environmentStrength: local.overrides.environmentStrength,
      environmentRotationDeg: local.overrides.environmentRotationDeg, firstFrame: frames.lowerBound,
      lastFrame: frames.upperBound, framesPerSecond: UInt32(local.framesPerSecond),
      pricePerRay: farm.pricePerRay,
      capPerTile: .zero, submitter: access.key.publicKey, nonce: Digest(of: randomBytes(count: 32)),
      film: try Self.film(local, arguments),
      passes: try Self.passes(local, arguments, farm, frames: frames.count, tileSidePX: Int(tileSidePX)))
    try terms.validate()
  }

  /// How the samples are split over passes; nil for not at all.
  private static func passes(
    _ local: LocalScene, _ arguments: Arguments, _ farm: FarmInfo, frames: Int, tileSidePX: Int
  ) throws -> [UInt32]? {
    let preview: Int? = try arguments.integer("--preview-samples", in: 0...local.samplesPerPixel - 1)
    guard preview != nil || tileSidePX <= Limits.passTileSidePXMax else { return nil }
    let grid = TileGrid(width: local.widthPX, height: local.heightPX, side: tileSidePX)
    return JobTerms.fittedPasses(
      samples: local.samplesPerPixel, preview: preview, wholeTiles: grid.tileCount * frames,
      workers: farm.workersOnline)
  }

  /// What differs from the default; nil when nothing does.
  private static func film(_ local: LocalScene, _ arguments: Arguments) throws -> JobFilm? {
    let camera = try local.scene.frame(timeS: 0, camera: local.camera).view.camera
    let lens = try local.lens(of: camera, arguments)
    let exposures = -Limits.exposureEVMax...Limits.exposureEVMax
    let film = JobFilm(
      filter: local.filter == .blackmanHarris ? .blackmanHarris : .box, layers: local.layers.rawValue,
      lens: lens == camera.lens
        ? nil : lens.map { .init(apertureRadius: $0.apertureRadius, focusDistance: $0.focusDistance) },
      view: .init(try arguments.choice("--view", default: ViewTransform.default)),
      exposureEV: try arguments.number("--exposure", in: exposures) ?? 0)
    return film == JobFilm() ? nil : film
  }

  /// Sends the blobs that the farm does not have.
  func upload(to client: FarmClient) async throws {
    let missing = try await client.missingBlobs(files.keys.sorted())
    if missing.isEmpty { return }
    var progress = Progress("upload")
    var sent = 0
    for group in groups(missing) {
      try await send(group, to: client)
      sent += group.count
      progress.show(sent, of: missing.count, "files")
    }
    progress.finish()
  }

  /// Small files in groups that fit one upload, each larger one alone.
  private func groups(_ digests: [Digest]) -> [[Digest]] {
    let sizes = Dictionary(manifest.files.map { ($0.digest, $0.bytes) }) { first, _ in first }
    var groups: [[Digest]] = []
    var small: [Digest] = []
    var bytes: UInt64 = 0
    for digest in digests {
      let size = sizes[digest] ?? 0
      guard size <= Submission.smallBytesMax else {
        groups.append([digest])
        continue
      }
      if bytes + size > Submission.groupBytesMax || small.count == Limits.batchBlobsMax {
        groups.append(small)
        (small, bytes) = ([], 0)
      }
      small.append(digest)
      bytes += size
    }
    return groups + (small.isEmpty ? [] : [small])
  }

  private static let smallBytesMax: UInt64 = 256 << 10
  /// Leaves room for the lengths that stand between the files.
  private static let groupBytesMax = UInt64(Limits.pieceBytesMax - 64 - 4 * Limits.batchBlobsMax)

  private func send(_ digests: [Digest], to client: FarmClient) async throws {
    let paths = try digests.map { digest in
      guard let path = files[digest] else { throw CommandFailure(.failed, "no file has \(digest.short)") }
      return path
    }
    let sent: [Digest]
    if paths.count == 1 {
      sent = [try await client.uploadBlob(file: paths[0])]
    } else {
      let bytes = try paths.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) }
      sent = try await client.uploadBatch(BlobBatch(bytes))
    }
    guard sent == digests else {
      throw CommandFailure(
        .failed, "\(paths.joined(separator: ", ")) changed while it was sent", remedy: "submit again")
    }
  }
}
