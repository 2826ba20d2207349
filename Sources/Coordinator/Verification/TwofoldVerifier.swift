import Cryptography
import FarmProtocol

/// Two verifiers of different OpenCL implementations, held against each other: what they agree on is the
/// observation. The first time the second disagrees or fails, it is let go, for a worker must not lose a tile
/// to a faulty compiler of ours.
package actor TwofoldVerifier: ProbeRendering {
  private let usual: any ProbeRendering
  private var second: (any ProbeRendering)?
  private let log: @Sendable (String) -> Void

  /// With one verifier; `adopt` brings the second when its device is ready, which may take minutes.
  package init(_ usual: any ProbeRendering, log: @escaping @Sendable (String) -> Void) {
    self.usual = usual
    self.log = log
  }

  /// From now on a second verifier, of the same kernels, is asked too.
  package func adopt(_ second: any ProbeRendering) { self.second = second }

  package func kernelSet() async throws -> Digest { try await usual.kernelSet() }

  package func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    let observation = try await usual.probe(scene, pixels: pixels, pass: pass)
    guard let second else { return observation }
    do {
      let other = try await second.probe(scene, pixels: pixels, pass: pass)
      guard other.agrees(with: observation) else {
        await letGo("it has other bits than the usual one")
        return observation
      }
    } catch { await letGo("\(error)") }
    return observation
  }

  package func stop() async {
    await usual.stop()
    await second?.stop()
  }

  private func letGo(_ reason: String) async {
    log("the second OpenCL implementation verifies no more: \(reason)")
    await second?.stop()
    second = nil
  }
}
