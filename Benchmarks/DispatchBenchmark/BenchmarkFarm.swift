import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Transport

/// A real coordinator on a real store; only the rendering is left out: every pixel is the same, also for the
/// verifier, so that checking costs no more than drawing the probes and comparing them.
struct BenchmarkFarm: Sendable {
  static let kernelSet = Digest(of: [2])
  static let pixel = PixelRecord(rgbaHalfBits: [0x3800, 0x3800, 0x3800, 0x3c00], work: 5)
  private static let sceneBytes = Array("a scene that nobody reads".utf8)

  let coordinator: FarmCoordinator
  let submitter: SigningKey

  /// Opens the farm in `root`; without `verifies` returned tiles wait.
  init(root: String, verifies: Bool) throws {
    let seed = Digest(of: Array("submitter".utf8)).bytes
    guard let key = SigningKey(seed: seed) else { throw BenchmarkFault("no key of seed \(seed)") }
    submitter = key
    coordinator = try FarmCoordinator(
      .init(root: root, pricePerRay: Microcredits(3), kernelSet: BenchmarkFarm.kernelSet),
      verifier: verifies ? PlainVerifier() : nil)
  }

  /// Submits a job of `frames` frames of `side` x `side` tiles of 8 x 8 pixels.
  func submit(frames: Int, side: Int) async throws -> JobTerms {
    let blob = try coordinator.blobs.put(BenchmarkFarm.sceneBytes)
    let manifest = BundleManifest(files: [
      .init(path: "scene.gltf", digest: blob, bytes: UInt64(BenchmarkFarm.sceneBytes.count))
    ])
    let terms = JobTerms(
      bundle: manifest.digest, sceneFile: "scene.gltf", kernelSet: BenchmarkFarm.kernelSet,
      widthPX: UInt32(side * 8), heightPX: UInt32(side * 8), tileSidePX: 8, samplesPerPixel: 4, maxDepth: 3,
      background: .environment, camera: "", environmentFile: "", environmentStrength: nil,
      environmentRotationDeg: 0, firstFrame: 1, lastFrame: UInt32(frames), framesPerSecond: 24,
      pricePerRay: Microcredits(3), capPerTile: Microcredits(1_000), submitter: submitter.publicKey,
      nonce: Digest(of: randomBytes(count: 32)))
    let budget = Pricing.reservation(terms: terms, tileCount: terms.tileCount) ?? .zero
    _ = try await coordinator.deposit(
      DepositRequest(
        account: submitter.publicKey, amount: budget, reference: Digest(of: randomBytes(count: 32))))
    _ = try await coordinator.submit(
      SubmitRequest(terms: terms, manifest: manifest, budget: budget), from: submitter.publicKey,
      checkedBy: NoSceneCheck())
    return terms
  }

  func status(of job: JobID) async throws -> JobStatus {
    try await coordinator.status(of: job, for: submitter.publicKey)
  }
}

/// Why a benchmark cannot go on.
struct BenchmarkFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

private struct PlainVerifier: ProbeRendering {
  func kernelSet() async throws -> Digest { BenchmarkFarm.kernelSet }
  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    ProbeObservation(
      deviceScene: BenchmarkFarm.kernelSet, pixels: pixels.map { _ in BenchmarkFarm.pixel })
  }
  func stop() async {}
}

/// The scene is never read.
struct NoSceneCheck: SceneChecking {
  func check(_ terms: JobTerms, files: [String: String]) async throws {}
}
