import Cryptography
import FarmProtocol
import Settlement

/// What a verifier saw: the device scene it prepared and the pixels it was asked for, in order.
package struct ProbeObservation: Sendable, Equatable {
  package var deviceScene: Digest
  package var pixels: [PixelRecord]
  /// Most memory that it took, the frame's preparation included, bytes; nil when that is not known. No part
  /// of what two verifiers must agree on.
  package var peakBytes: UInt64?
  package init(deviceScene: Digest, pixels: [PixelRecord], peakBytes: UInt64? = nil) {
    self.deviceScene = deviceScene
    self.pixels = pixels
    self.peakBytes = peakBytes
  }

  /// Whether another verifier saw the same.
  package func agrees(with other: ProbeObservation) -> Bool {
    deviceScene == other.deviceScene && pixels == other.pixels
  }
}

/// Renders single pixels again without knowing what was claimed for them.
package protocol ProbeRendering: Sendable {
  /// The kernels it renders with.
  func kernelSet() async throws -> Digest
  /// Renders the pixels of one frame, in that pass of its samples (0 for a job without passes). Throws when
  /// it cannot; the caller tries again later.
  func probe(_ scene: RendererScene, pixels: [PixelPosition], pass: Int) async throws -> ProbeObservation
  /// Lets go of its device.
  func stop() async
}
