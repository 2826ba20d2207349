/// A frame being put together from fragments, in any order.
public struct Frame: Hashable, Sendable {
  /// Longest side, pixels.
  public static let sideMax = 16_384

  /// Columns.
  public let width: Int
  /// Rows, the first one on top.
  public let height: Int
  /// Row-major, 4 a pixel: red, green, blue (linear Rec.709, premultiplied), alpha; binary16 bit patterns.
  /// Zero where nothing has been placed.
  public private(set) var rgbaHalfBits: [UInt16]
  /// Row-major: rays traced for each pixel.
  public private(set) var work: [UInt32]
  /// Row-major: further layers; zeros where nothing has been placed.
  public private(set) var layers: LayerPixels
  /// Pixels not placed yet.
  public private(set) var missingPixelCount: Int
  private var covered: [Bool]

  /// A frame without any pixel; sides 1 ... `sideMax`.
  public init(width: Int, height: Int, layers: LayerSet = []) {
    precondition(
      width > 0 && height > 0 && width <= Frame.sideMax && height <= Frame.sideMax,
      "no frame: \(width)x\(height)")
    self.width = width
    self.height = height
    rgbaHalfBits = [UInt16](repeating: 0, count: 4 * width * height)
    work = [UInt32](repeating: 0, count: width * height)
    self.layers = LayerPixels(layers, pixelCount: width * height)
    missingPixelCount = width * height
    covered = [Bool](repeating: false, count: width * height)
  }

  /// A complete frame; counts must fit.
  public init(
    width: Int, height: Int, rgbaHalfBits: [UInt16], work: [UInt32], layers: LayerPixels = .none
  ) {
    self.init(width: width, height: height)
    precondition(layers.pixelCount ?? work.count == work.count, "layers of \(layers.words.count) words")
    precondition(rgbaHalfBits.count == 4 * width * height, "\(rgbaHalfBits.count) halves, \(width)x\(height)")
    precondition(work.count == width * height, "\(work.count) work counters, \(width)x\(height)")
    self.rgbaHalfBits = rgbaHalfBits
    self.work = work
    self.layers = layers
    missingPixelCount = 0
    covered = [Bool](repeating: true, count: width * height)
  }

  /// Whether every pixel has been placed.
  public var isComplete: Bool { missingPixelCount == 0 }

  /// Places a fragment. Of other layers than the frame's, outside it, or over a pixel that is there already:
  /// refused, and nothing has changed.
  public mutating func place(_ fragment: Fragment) throws(ImagingError) {
    let rect = fragment.rect
    guard fragment.layers.set == layers.set else {
      throw .otherLayers(expected: layers.set, found: fragment.layers.set)
    }
    guard rect.fits(width: width, height: height) else {
      throw .outside(rect, width: width, height: height)
    }
    for y in rect.y..<rect.y + rect.height {
      let row = y * width + rect.x
      if let hit = covered[row..<row + rect.width].firstIndex(of: true) {
        throw .overlap(rect, x: rect.x + hit - row, y: y)
      }
    }
    for line in 0..<rect.height {
      let from = line * rect.width
      let to = (rect.y + line) * width + rect.x
      for i in 0..<rect.width {
        covered[to + i] = true
        work[to + i] = fragment.work[from + i]
      }
      for i in 0..<4 * rect.width { rgbaHalfBits[4 * to + i] = fragment.rgbaHalfBits[4 * from + i] }
      layers.replace(to..<to + rect.width, by: fragment.layers, from: from)
    }
    missingPixelCount -= rect.pixelCount
  }

  /// The pixels of a rectangle, which must lie inside; zeros where nothing has been placed.
  public func fragment(at rect: TileRect) -> Fragment {
    precondition(rect.fits(width: width, height: height), "\(rect) is not inside \(width)x\(height)")
    var halves: [UInt16] = []
    var counts: [UInt32] = []
    var words: [UInt32] = []
    let wordCount = layers.set.wordCount
    for y in rect.y..<rect.y + rect.height {
      let row = y * width + rect.x
      halves += rgbaHalfBits[4 * row..<4 * (row + rect.width)]
      counts += work[row..<row + rect.width]
      words += layers.words[wordCount * row..<wordCount * (row + rect.width)]
    }
    return Fragment(
      rect: rect, rgbaHalfBits: halves, work: counts, layers: LayerPixels(layers.set, words: words))
  }

  /// All rays of the frame.
  public var totalWork: UInt64 { work.reduce(0) { $0 + UInt64($1) } }
}
