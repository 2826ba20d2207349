/// What a device adds up for a tile: exact sums, so that any split of tiles or samples gives the same bits.
public struct SampleSums: Hashable, Sendable {
  /// Fixed-point resolution: a sample of radiance 1 adds 2^30.
  public static let fractionBits = 30

  /// Which pixels.
  public let rect: TileRect
  /// How many samples of each pixel are in the sums.
  public private(set) var sampleCount: Int
  /// Row-major, 4 a pixel: red, green, blue (linear Rec.709 radiance, premultiplied) and alpha, units of 2^-30.
  public private(set) var rgba: [Int64]
  /// Row-major: rays traced for each pixel (closest-hit and shadow).
  public private(set) var work: [UInt32]

  /// Takes what a device wrote; counts must fit the rectangle.
  public init(rect: TileRect, sampleCount: Int, rgba: [Int64], work: [UInt32]) {
    precondition(sampleCount > 0, "no samples")
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
    for i in rgba.indices { rgba[i] += other.rgba[i] }
    for i in work.indices { work[i] += other.work[i] }
  }
}
