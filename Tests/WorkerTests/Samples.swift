import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Worker

/// A small farm's things, made from numbers.
enum Samples {
  static let kernelSet = Digest(of: Array("kernels".utf8))
  static let coordinator = key(1)
  static let worker = key(2)

  static func key(_ number: UInt8) -> SigningKey {
    guard let key = SigningKey(seed: [UInt8](repeating: number, count: 32)) else {
      preconditionFailure("libcrypto refused a seed")
    }
    return key
  }

  static let device = DeviceDescription(
    id: "0.0", name: "cpu", platform: "a platform", driver: "1.0", computeUnits: 2)

  static let sceneBytes = Array("a scene".utf8)
  static let manifest = BundleManifest(files: [
    .init(path: "scene.gltf", digest: Digest(of: sceneBytes), bytes: UInt64(sceneBytes.count))
  ])

  /// 32 x 32 pixels in 8 x 8 tiles: 16 tiles a frame.
  static func terms(frames: UInt32 = 1, nonce: UInt8 = 0) -> JobTerms {
    JobTerms(
      bundle: manifest.digest, sceneFile: "scene.gltf", kernelSet: kernelSet, widthPX: 32, heightPX: 32,
      tileSidePX: 8, samplesPerPixel: 4, maxDepth: 4, background: .environment, camera: "",
      environmentFile: "",
      environmentStrength: nil, environmentRotationDeg: 0, firstFrame: 1, lastFrame: frames,
      framesPerSecond: 24,
      pricePerRay: Microcredits(3), capPerTile: Microcredits(1_000_000), submitter: key(3).publicKey,
      nonce: Digest(of: [nonce]))
  }

  static func assignment(
    _ tile: UInt32, fence: UInt64, terms: JobTerms = terms(), attempt: UInt32 = 0, worker: SigningKey = worker
  ) -> Assignment {
    Assignment(
      job: terms.id, tile: TileIndex(tile), attempt: attempt, fence: fence, worker: worker.publicKey,
      deadlineMS: 1_000_000, reservedAt: 7)
  }

  static func lease(
    fence: UInt64, tiles: Range<UInt32>, terms: JobTerms = terms(), worker: SigningKey = worker
  ) -> Lease {
    let first = tiles.first.map { terms.tile(TileIndex($0)).frame } ?? terms.firstFrame
    return Lease(
      fence: fence, job: terms.id, terms: terms, manifest: manifest, frame: first,
      assignments: tiles.map {
        Signed(assignment($0, fence: fence, terms: terms, worker: worker), by: coordinator)
      })
  }

  static let farm = FarmInfo(
    protocolVersion: Limits.protocolVersion, kernelSet: kernelSet, coordinator: coordinator.publicKey,
    logOrigin: "example.org/log", logVerifierKey: "", pricePerRay: Microcredits(3), workersOnline: 1)
  static let joined = JoinReply(farm: farm, heartbeatMS: 4000, tilesVerified: 0)

  static func entry(_ assignment: Assignment) -> OutboxEntry {
    OutboxEntry(
      id: assignment.digest, fence: assignment.fence, job: assignment.job, tile: assignment.tile, work: 100,
      price: Microcredits(300), renderMS: 5)
  }

  static func result(_ assignment: Assignment, worker: SigningKey = worker, bytes: Int = 100)
    -> ResultEnvelope
  {
    let fragment = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &+ Int(assignment.tile.value)) }
    let commitment = Commitment(
      assignment: assignment.digest, root: .zero, pixelCount: 64, work: 100, fragment: Digest(of: fragment),
      deviceScene: .zero, device: .zero)
    return ResultEnvelope(
      assignment: assignment, commitment: Signed(commitment, by: worker), fragment: fragment)
  }
}
