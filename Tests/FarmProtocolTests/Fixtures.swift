import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

/// Keys, terms and results with fixed bits.
enum Fixtures {
  static func key(_ byte: UInt8) throws -> SigningKey {
    try #require(SigningKey(seed: [UInt8](repeating: byte, count: 32)))
  }

  static func digest(_ byte: UInt8) throws -> Digest {
    try #require(Digest(bytes: [UInt8](repeating: byte, count: 32)))
  }

  static func terms() throws -> JobTerms {
    JobTerms(
      bundle: try digest(1), sceneFile: "scenes/walk.gltf", kernelSet: try digest(2), widthPX: 100,
      heightPX: 50,
      tileSidePX: 32, samplesPerPixel: 64, maxDepth: 8, background: .environment, camera: "Camera",
      environmentFile: "sky.hdr", environmentStrength: 0.1, environmentRotationDeg: 12.5, firstFrame: 3,
      lastFrame: 5, framesPerSecond: 24, pricePerRay: Microcredits(2), capPerTile: Microcredits(5_000_000),
      submitter: try key(7).publicKey, nonce: try digest(3))
  }

  static func manifest() throws -> BundleManifest {
    BundleManifest(files: [
      .init(path: "sky.hdr", digest: try digest(5), bytes: 1_000),
      .init(path: "scenes/walk.gltf", digest: try digest(4), bytes: 2_000),
    ])
  }

  static func assignment() throws -> Assignment {
    Assignment(
      job: try terms().id, tile: TileIndex(4), attempt: 1, fence: 99, worker: try key(8).publicKey,
      deadlineMS: 1_800_000_000_000, reservedAt: 17)
  }

  /// 5 x 3 pixels at 32, 16, each with its own bits.
  static func fragment() -> Fragment {
    let rect = TileRect(x: 32, y: 16, width: 5, height: 3)
    return Fragment(
      rect: rect, rgbaHalfBits: (0..<60).map { UInt16(0x3800 + $0) }, work: (0..<15).map { UInt32(100 + $0) })
  }

  static func result() throws -> ResultEnvelope {
    let assignment = try assignment()
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    let commitment = Commitment(
      assignment: assignment.digest, root: fragment().commitmentRoot(), pixelCount: 15,
      work: fragment().totalWork,
      fragment: Digest(of: bytes), deviceScene: try digest(9), device: try digest(10))
    return ResultEnvelope(
      assignment: assignment, commitment: Signed(commitment, by: try key(8)), fragment: bytes)
  }
}

/// The refusal that `body` throws; fails when it throws none.
func refusal(_ body: () throws -> Void) throws -> Refusal {
  var caught: Refusal?
  do { try body() } catch { caught = error as? Refusal }
  return try #require(caught, "nothing was refused")
}
