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
  /// Row-major: what the camera rays met, where layers are asked for.
  public private(set) var layers: LayerSums?

  /// Takes what a device wrote; counts must fit the rectangle.
  public init(
    rect: TileRect, sampleCount: Int, rgba: [Int64], work: [UInt32], layers: LayerSums? = nil
  ) {
    precondition(
      sampleCount > 0 && sampleCount <= SampleSums.sampleCountMax, "\(sampleCount) samples, 1 to 65536 fit")
    precondition(rgba.count == 4 * rect.pixelCount, "\(rgba.count) sums for \(rect.pixelCount) pixels")
    precondition(work.count == rect.pixelCount, "\(work.count) work counters for \(rect.pixelCount) pixels")
    self.rect = rect
    self.sampleCount = sampleCount
    self.rgba = rgba
    self.work = work
    precondition(
      layers.map { $0.sums.count == LayerSums.sumCount * rect.pixelCount } ?? true, "layers of other pixels")
    self.layers = layers
  }

  /// Adds further samples of the same pixels. Exact, hence in any order.
  public mutating func add(_ other: SampleSums) {
    precondition(other.rect == rect, "sums of \(other.rect) do not belong to \(rect)")
    sampleCount += other.sampleCount
    precondition(sampleCount <= SampleSums.sampleCountMax, "\(sampleCount) samples, 65536 fit")
    for i in rgba.indices { rgba[i] += other.rgba[i] }
    for i in work.indices { work[i] += other.work[i] }
    precondition((layers == nil) == (other.layers == nil), "layers in one of two sums")
    if let further = other.layers { layers?.add(further) }
  }

  /// The fragment these sums give, with the layers of `set`: each mean, sum / (sampleCount * 2^30), rounded
  /// to binary16 once, to nearest with ties to even, clamped at 65504. Integer arithmetic: the same bits on
  /// every machine. No sum of colour may be negative; layers about hits must have been rendered.
  public func resolved(_ set: LayerSet = []) -> Fragment {
    let halves = rgba.map { sum in
      Half.mean(ofSum: sum, count: sampleCount, fractionBits: SampleSums.fractionBits)
    }
    precondition(layers != nil || !set.needsHits, "layers \(set.layers) were not rendered")
    return Fragment(rect: rect, rgbaHalfBits: halves, work: work, layers: resolvedLayers(set))
  }

  private func resolvedLayers(_ set: LayerSet) -> LayerPixels {
    guard !set.isEmpty else { return .none }
    return (layers ?? LayerSums(pixelCount: rect.pixelCount)).pixels(set, sampleCount: sampleCount)
  }
}
