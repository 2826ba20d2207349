/// What a device notes about the first hits of some pixels' samples: exact sums, and the hit of the
/// lowest-numbered sample that has one. Neither depends on how tiles and samples are cut.
public struct LayerSums: Hashable, Sendable {
  /// Sums a pixel: albedo (red, green, blue), then the shading normal (x, y, z), units of 2^-30.
  public static let sumCount = 6
  /// Words a pixel: the sample's number plus one (0: none met anything), then depth and position (x, y, z) as
  /// bit patterns of floats.
  public static let pointWords = 5

  /// `sumCount` a pixel.
  public private(set) var sums: [Int64]
  /// `pointWords` a pixel.
  public private(set) var points: [UInt32]

  /// Takes what a device wrote; both of equally many pixels.
  public init(sums: [Int64], points: [UInt32]) {
    precondition(
      sums.count * LayerSums.pointWords == points.count * LayerSums.sumCount,
      "\(sums.count) sums, \(points.count) words")
    self.sums = sums
    self.points = points
  }

  /// No sample of so many pixels.
  init(pixelCount: Int) {
    sums = [Int64](repeating: 0, count: LayerSums.sumCount * pixelCount)
    points = [UInt32](repeating: 0, count: LayerSums.pointWords * pixelCount)
  }

  /// Adds further samples of the same pixels. Exact, hence in any order.
  public mutating func add(_ other: LayerSums) {
    precondition(other.sums.count == sums.count, "\(other.sums.count) sums, not \(sums.count)")
    for i in sums.indices { sums[i] += other.sums[i] }
    let count = LayerSums.pointWords
    for first in stride(from: 0, to: points.count, by: count) where other.points[first] != 0 {
      guard points[first] == 0 || other.points[first] < points[first] else { continue }
      points.replaceSubrange(first..<first + count, with: other.points[first..<first + count])
    }
  }

  /// The layers of `set` after `sampleCount` samples: means rounded to halves once, points as they are.
  func pixels(_ set: LayerSet, sampleCount: Int) -> LayerPixels {
    let pixelCount = sums.count / LayerSums.sumCount
    let wordCount = set.wordCount
    var words = [UInt32](repeating: 0, count: wordCount * pixelCount)
    for layer in set.layers {
      let (first, channelCount) = (set.firstWord(of: layer), layer.channels.count)
      for pixel in 0..<pixelCount {
        for channel in 0..<channelCount {
          words[wordCount * pixel + first + channel] = word(layer, channel, pixel, sampleCount)
        }
      }
    }
    return LayerPixels(set, words: words)
  }

  private func word(_ layer: FrameLayer, _ channel: Int, _ pixel: Int, _ sampleCount: Int) -> UInt32 {
    let (sum, point) = (LayerSums.sumCount * pixel, LayerSums.pointWords * pixel)
    switch layer {
    case .albedo: return LayerSums.mean(sums[sum + channel], sampleCount)
    case .normal: return LayerSums.mean(sums[sum + 3 + channel], sampleCount)
    case .depth: return points[point] == 0 ? Float.infinity.bitPattern : points[point + 1]
    case .position: return points[point + 2 + channel]
    case .samples: return UInt32(sampleCount)
    }
  }

  private static func mean(_ sum: Int64, _ sampleCount: Int) -> UInt32 {
    let bits = Half.mean(ofSum: abs(sum), count: sampleCount, fractionBits: SampleSums.fractionBits)
    // Zero has one spelling.
    return UInt32(sum < 0 && bits != 0 ? bits | 0x8000 : bits)
  }
}
