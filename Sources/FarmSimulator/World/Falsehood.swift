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
  init?(_ claimed: TileContent, truth: TileContent) {
    guard claimed != truth else { return nil }
    var (work, pixels): (UInt64, Int) = (0, 0)
    for pixel in 0..<truth.rect.pixelCount {
      let record = claimed.record(atPixel: pixel)
      guard record != truth.record(atPixel: pixel) else { continue }
      pixels += 1
      work += UInt64(record.work)
    }
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
    _ truth: TileContent, _ terms: JobTerms, _ tile: TileIndex, otherJob: JobTerms?, _ random: inout Chance
  ) -> TileContent? {
    let place = terms.tile(tile)
    let samples = terms.samples(ofPass: place.pass)
    let bound = UInt32(Pricing.workBound(terms: terms, pixelCount: 1, samples: samples.count))
    switch self {
    case .unrendered: return Picture(of: terms, salt: random.word()).content(place)
    case .colluding: return Picture(of: terms, salt: 0xC0).content(place)
    case .replayed:
      // The other job's picture, in as many samples as this one's.
      guard let otherJob, otherJob.id != terms.id else { return nil }
      let salt = otherJob.id.digest.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Picture(of: terms, salt: salt).content(place)
    case .overstatedWork:
      return truth.changed(work: truth.work.map { min(bound, $0 + max(1, $0 / 4)) })
    case .guessedProbes: return cheapestFalsified(truth, random.between(1, truth.rect.pixelCount / 8))
    case .stolen, .malformed, .hoarding: return nil
    }
  }

  /// The `count` pixels of least work are made up.
  private func cheapestFalsified(_ truth: TileContent, _ count: Int) -> TileContent {
    let work = truth.work
    let cheapest = work.indices.sorted { (work[$0], $0) < (work[$1], $1) }.prefix(count)
    return truth.changed(pixels: Array(cheapest))
  }
}

extension TileContent {
  /// The same with other ray counts.
  fileprivate func changed(work: [UInt32]) -> TileContent {
    switch self {
    case .resolved(let truth):
      .resolved(Fragment(rect: truth.rect, rgbaHalfBits: truth.rgbaHalfBits, work: work))
    case .sums(let truth, let first):
      .sums(
        SampleSums(rect: truth.rect, sampleCount: truth.sampleCount, rgba: truth.rgba, work: work),
        firstSample: first)
    }
  }

  /// The same with another red in those pixels.
  fileprivate func changed(pixels: [Int]) -> TileContent {
    switch self {
    case .resolved(let truth):
      var halves = truth.rgbaHalfBits
      for pixel in pixels { halves[4 * pixel] ^= 1 }
      return .resolved(Fragment(rect: truth.rect, rgbaHalfBits: halves, work: truth.work))
    case .sums(let truth, let first):
      var rgba = truth.rgba
      for pixel in pixels { rgba[4 * pixel] ^= 1 }
      return .sums(
        SampleSums(rect: truth.rect, sampleCount: truth.sampleCount, rgba: rgba, work: truth.work),
        firstSample: first)
    }
  }
}
