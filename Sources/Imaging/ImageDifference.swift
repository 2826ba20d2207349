/// How two images of the same size differ, bit for bit.
public struct ImageDifference: Hashable, Sendable {
  /// A pixel: column and row, from the top left.
  public struct Pixel: Hashable, Sendable {
    /// Column.
    public let x: Int
    /// Row.
    public let y: Int
  }

  /// Largest absolute difference of any channel's value; infinite where only one side is a number.
  public let maxAbsolute: Float
  /// Pixels of which any bit of colour or alpha differs.
  public let colourPixelCount: Int
  /// Pixels of which the work differs.
  public let workPixelCount: Int
  /// The first pixel, in raster order, in which anything differs.
  public let first: Pixel?

  /// Whether colour, alpha and work agree in every bit.
  public var isEmpty: Bool { first == nil }

  /// Compares frames; their sizes must agree.
  public init(_ a: Frame, _ b: Frame) throws(ImagingError) {
    guard a.width == b.width else { throw .mismatch(what: "width", expected: a.width, found: b.width) }
    guard a.height == b.height else { throw .mismatch(what: "height", expected: a.height, found: b.height) }
    self.init(
      width: a.width, halves: (a.rgbaHalfBits, b.rgbaHalfBits), work: (a.work, b.work),
      origin: Pixel(x: 0, y: 0))
  }

  /// Compares fragments of the same pixels; `first` is in the frame's coordinates.
  public init(_ a: Fragment, _ b: Fragment) throws(ImagingError) {
    for (what, side) in [("x", \TileRect.x), ("y", \.y), ("width", \.width), ("height", \.height)] {
      let (expected, found) = (a.rect[keyPath: side], b.rect[keyPath: side])
      guard expected == found else {
        throw .mismatch(what: "tile's \(what)", expected: expected, found: found)
      }
    }
    self.init(
      width: a.rect.width, halves: (a.rgbaHalfBits, b.rgbaHalfBits), work: (a.work, b.work),
      origin: Pixel(x: a.rect.x, y: a.rect.y))
  }

  private init(
    width: Int, halves: (a: [UInt16], b: [UInt16]), work: (a: [UInt32], b: [UInt32]), origin: Pixel
  ) {
    var maxAbsolute: Float = 0
    var colourPixelCount = 0
    var workPixelCount = 0
    var first: Int?
    for pixel in work.a.indices {
      var colourDiffers = false
      for i in 4 * pixel..<4 * pixel + 4 where halves.a[i] != halves.b[i] {
        colourDiffers = true
        let distance = abs(Half.float(halves.a[i]) - Half.float(halves.b[i]))
        maxAbsolute = max(maxAbsolute, distance.isNaN ? .infinity : distance)
      }
      let workDiffers = work.a[pixel] != work.b[pixel]
      if colourDiffers { colourPixelCount += 1 }
      if workDiffers { workPixelCount += 1 }
      if first == nil, colourDiffers || workDiffers { first = pixel }
    }
    self.maxAbsolute = maxAbsolute
    self.colourPixelCount = colourPixelCount
    self.workPixelCount = workPixelCount
    self.first = first.map { Pixel(x: origin.x + $0 % width, y: origin.y + $0 / width) }
  }
}
