import FarmProtocol
import Foundation
import Imaging
import Settlement

/// What is false in a tile that a worker committed to.
struct Falsehood: Sendable {
  /// Part of the committed work that false pixels have, and part of the pixels that are false.
  let workShare: Double
  let pixelShare: Double

  /// Nil when nothing is false.
  init?(_ claimed: Fragment, truth: Fragment) {
    var (work, pixels): (UInt64, Int) = (0, 0)
    for pixel in 0..<truth.rect.pixelCount {
      let halves = 4 * pixel..<4 * pixel + 4
      guard
        claimed.work[pixel] != truth.work[pixel]
          || claimed.rgbaHalfBits[halves] != truth.rgbaHalfBits[halves]
      else { continue }
      pixels += 1
      work += UInt64(claimed.work[pixel])
    }
    guard pixels > 0 else { return nil }
    pixelShare = Double(pixels) / Double(truth.rect.pixelCount)
    workShare = claimed.totalWork == 0 ? pixelShare : Double(work) / Double(claimed.totalWork)
  }

  /// The probability that no probe meets a false pixel: `workProbes` in proportion to work, and the uniform
  /// ones that come with them.
  func escape(workProbes: Int) -> Double {
    pow(1 - workShare, Double(workProbes))
      * pow(1 - pixelShare, Double(Challenge.uniformProbes(workProbes: workProbes)))
  }
}

extension Cheat {
  /// The tile that such a worker returns in place of the true one; nil for those that cheat otherwise.
  func falsified(
    _ truth: Fragment, _ terms: JobTerms, _ tile: TileIndex, otherJob: JobTerms?, _ random: inout Chance
  ) -> Fragment? {
    let rect = truth.rect
    let frame = terms.tile(tile).frame
    switch self {
    case .unrendered:
      return Picture(of: terms, salt: random.word()).fragment(frame: frame, rect: rect)
    case .colluding:
      return Picture(of: terms, salt: 0xC0).fragment(frame: frame, rect: rect)
    case .replayed:
      guard let otherJob else { return nil }
      let other = Picture(of: otherJob).fragment(frame: frame, rect: rect)
      let bound = UInt32(Pricing.workBound(terms: terms, pixelCount: 1))
      return Fragment(
        rect: rect, rgbaHalfBits: other.rgbaHalfBits, work: other.work.map { min($0, bound) })
    case .overstatedWork:
      let bound = UInt32(Pricing.workBound(terms: terms, pixelCount: 1))
      let work = truth.work.map { min(bound, $0 + max(1, $0 / 4)) }
      return Fragment(rect: rect, rgbaHalfBits: truth.rgbaHalfBits, work: work)
    case .guessedProbes: return cheapestFalsified(truth, random.between(1, truth.rect.pixelCount / 8))
    case .stolen, .malformed, .hoarding: return nil
    }
  }

  /// The `count` pixels of least work are made up.
  private func cheapestFalsified(_ truth: Fragment, _ count: Int) -> Fragment {
    var halves = truth.rgbaHalfBits
    let cheapest = truth.work.indices.sorted { (truth.work[$0], $0) < (truth.work[$1], $1) }.prefix(count)
    for pixel in cheapest { halves[4 * pixel] ^= 1 }
    return Fragment(rect: truth.rect, rgbaHalfBits: halves, work: truth.work)
  }
}
