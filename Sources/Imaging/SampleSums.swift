/// What a device adds up for a tile: exact sums, so that any split of tiles or samples gives the same bits.
public struct SampleSums: Hashable, Sendable {
  /// Fixed-point resolution: a sample of radiance 1 adds 2^30.
  public static let fractionBits = 30
  /// So many samples of the largest radiance (65504) still add up without overflow.
  public static let sampleCountMax = 65_536

  /// Which pixels.
  public let rect: TileRect
  /// How many samples of each pixel are in the sums.
  public private(set) var sampleCount: Int
  /// Row-major, 4 a pixel: red, green, blue (linear Rec.709 radiance, premultiplied) and alpha, units of
  /// 2^-30.
  public private(set) var rgba: [Int64]
  /// Row-major: rays traced for each pixel (closest-hit and shadow).
  public private(set) var work: [UInt32]

  /// Takes what a device wrote; counts must fit the rectangle.
  public init(rect: TileRect, sampleCount: Int, rgba: [Int64], work: [UInt32]) {
    precondition(
      sampleCount > 0 && sampleCount <= SampleSums.sampleCountMax, "\(sampleCount) samples, 1 to 65536 fit")
    precondition(rgba.count == 4 * rect.pixelCount, "\(rgba.count) sums for \(rect.pixelCount) pixels")
    precondition(work.count == rect.pixelCount, "\(work.count) work counters for \(rect.pixelCount) pixels")
    self.rect = rect
    self.sampleCount = sampleCount
    self.rgba = rgba
    self.work = work
  }

  /// Adds further samples of the same pixels. Exact, hence in any order.
  public mutating func add(_ other: SampleSums) {
    precondition(other.rect == rect, "sums of \(other.rect) do not belong to \(rect)")
    sampleCount += other.sampleCount
    precondition(sampleCount <= SampleSums.sampleCountMax, "\(sampleCount) samples, 65536 fit")
    for i in rgba.indices { rgba[i] += other.rgba[i] }
    for i in work.indices { work[i] += other.work[i] }
  }

  /// The fragment these sums give: each mean, sum / (sampleCount * 2^30), rounded to binary16 once, to
  /// nearest with ties to even, clamped at 65504. Integer arithmetic: the same bits on every machine. No sum
  /// may be negative.
  public func resolved() -> Fragment {
    let halves = rgba.map { sum in
      Half.mean(ofSum: sum, count: sampleCount, fractionBits: SampleSums.fractionBits)
    }
    return Fragment(rect: rect, rgbaHalfBits: halves, work: work)
  }
}
