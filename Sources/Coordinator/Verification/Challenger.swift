import Cryptography
import FarmProtocol
import Settlement

/// Draws the probes of an epoch. Nobody outside can know them before the epoch's secret is logged.
package struct Challenger: Sendable {
  /// The epoch's number.
  package let epoch: UInt64
  private let secret: [UInt8]

  /// `secret` has `LogEntry.secretByteCount` bytes.
  package init(epoch: UInt64, secret: [UInt8]) {
    self.epoch = epoch
    self.secret = secret
  }

  /// The pixels of a returned tile that are to be rendered again.
  package func probes(of claim: CheckedResult, workProbes: Int) -> TileProbes {
    let seed = Challenge.seed(commitment: claim.digest, secret: secret)
    let drawn = Challenge.probes(seed: seed, work: claim.content.work, workProbes: workProbes)
    return TileProbes(
      claim: claim, epoch: epoch, workProbes: workProbes, pixels: Challenge.distinct(drawn))
  }
}

/// What is asked about a tile.
package struct TileProbes: Sendable {
  package let claim: CheckedResult
  package let epoch: UInt64
  package let workProbes: Int
  /// Row-major indexes in the tile, each once, in the order of their first draw.
  package let pixels: [Int]

  /// The same pixels in the frame: all that a verifier is told.
  package var positions: [PixelPosition] {
    let rect = claim.content.rect
    return pixels.map { PixelPosition(x: rect.x + $0 % rect.width, y: rect.y + $0 / rect.width) }
  }
}
