import Coordinator
import Cryptography
import FarmProtocol
import Settlement

/// A key that is the same in each run.
func key(_ number: UInt8) -> SigningKey {
  guard let key = SigningKey(seed: [UInt8](repeating: number, count: 32)) else {
    preconditionFailure("no key of seed \(number)")
  }
  return key
}

/// A worker's public key.
func worker(_ number: UInt8) -> PublicKey { key(number).publicKey }

/// Terms of a small job: `columns` x 1 tiles of 8 pixels a side, in each of `frames` frames.
func smallTerms(
  columns: UInt32 = 2, rows: UInt32 = 1, frames: UInt32 = 2, nonce: UInt8 = 1,
  submitter: PublicKey = worker(200),
  price: Int64 = 3, cap: Int64 = 100_000, bundle: Digest = Digest(of: [1]),
  kernelSet: Digest = Digest(of: [2])
) -> JobTerms {
  JobTerms(
    bundle: bundle, sceneFile: "scene.gltf", kernelSet: kernelSet, widthPX: columns * 8, heightPX: rows * 8,
    tileSidePX: 8, samplesPerPixel: 4, maxDepth: 3, background: .environment, camera: "", environmentFile: "",
    environmentStrength: nil, environmentRotationDeg: 0, firstFrame: 3, lastFrame: 2 + frames,
    framesPerSecond: 24, pricePerRay: Microcredits(price), capPerTile: Microcredits(cap),
    submitter: submitter,
    nonce: Digest(of: [nonce]))
}

/// A plan of that job.
func smallPlan(columns: UInt32 = 2, rows: UInt32 = 1, frames: UInt32 = 2, nonce: UInt8 = 1) -> JobPlan {
  let terms = smallTerms(columns: columns, rows: rows, frames: frames, nonce: nonce)
  return JobPlan(id: terms.id, terms: terms, reservedAt: 7)
}
