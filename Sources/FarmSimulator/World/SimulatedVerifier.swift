import Coordinator
import Cryptography
import FarmProtocol
import Settlement

/// The farm's verifier: renders the true picture. While it does, everything else in the farm goes on.
struct SimulatedVerifier: ProbeRendering {
  let simulation: Simulation

  func kernelSet() async throws -> Digest {
    try await simulation.verifierAnswers()
    return SimulatedWorker.kernelSet
  }

  func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    try await simulation.probe(scene, pixels: pixels, pass: pass)
  }

  func stop() async {}
}

/// A scene check that lets the simulated scenes through: they are no glTF, and nobody reads them.
struct SimulatedSceneCheck: SceneChecking {
  func check(_ terms: JobTerms, files: [String: String]) async throws {
    guard files[terms.sceneFile] != nil else {
      throw Refusal(.sceneInvalid, "\(terms.sceneFile) is not in the bundle")
    }
  }
}

/// The verifier's process is gone.
struct VerifierAway: Error {}
