/// A rendered tile, resolved: what travels, is committed to, probed and placed into a frame.
public struct Fragment: Hashable, Sendable {
  /// Which pixels of the frame.
  public let rect: TileRect
  /// Row-major, 4 a pixel: red, green, blue (linear, premultiplied), alpha; IEEE binary16 bit patterns.
  public let rgbaHalfBits: [UInt16]
  /// Row-major: rays traced for each pixel.
  public let work: [UInt32]
  /// Row-major: the layers that the job asks for.
  public let layers: LayerPixels

  /// Counts must fit the rectangle.
  public init(rect: TileRect, rgbaHalfBits: [UInt16], work: [UInt32], layers: LayerPixels = .none) {
    precondition(
      rgbaHalfBits.count == 4 * rect.pixelCount, "\(rgbaHalfBits.count) halves, \(rect.pixelCount) pixels")
    precondition(work.count == rect.pixelCount, "\(work.count) work counters, \(rect.pixelCount) pixels")
    self.rect = rect
    self.rgbaHalfBits = rgbaHalfBits
    self.work = work
    precondition(
      layers.pixelCount ?? rect.pixelCount == rect.pixelCount, "layers of \(layers.words.count) words")
    self.layers = layers
  }

  /// All rays of the tile: what is billed.
  public var totalWork: UInt64 { work.reduce(0) { $0 + UInt64($1) } }
}

/// What a fragment says about itself: enough to refuse it when it comes to the wrong place.
public struct FragmentHeader: Hashable, Sendable {
  /// The job's digest, 32 bytes.
  public let job: [UInt8]
  /// The tile's number within the job.
  public let tile: UInt32
  /// How often the tile was given out before.
  public let attempt: UInt32

  /// `job` must have 32 bytes.
  public init(job: [UInt8], tile: UInt32, attempt: UInt32) {
    precondition(job.count == 32, "a job digest has 32 bytes, not \(job.count)")
    self.job = job
    self.tile = tile
    self.attempt = attempt
  }
}
