/// A rectangle of pixels: origin at the image's top left, x to the right, y down. Never empty.
public struct TileRect: Hashable, Sendable, Codable {
  /// Leftmost column.
  public let x: Int
  /// Topmost row.
  public let y: Int
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int

  /// A rectangle; origin not negative, both sides at least 1.
  public init(x: Int, y: Int, width: Int, height: Int) {
    precondition(x >= 0 && y >= 0 && width > 0 && height > 0, "no tile: \(x),\(y) \(width)x\(height)")
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// How many pixels it has.
  public var pixelCount: Int { width * height }
  /// Whether it lies inside an image of that size.
  public func fits(width imageWidth: Int, height imageHeight: Int) -> Bool {
    x <= imageWidth - width && y <= imageHeight - height
  }
}

/// An image cut into square tiles, in raster order; those at the right and bottom edges are cut.
public struct TileGrid: Hashable, Sendable {
  /// Image width, pixels.
  public let width: Int
  /// Image height, pixels.
  public let height: Int
  /// Side of a whole tile, pixels.
  public let side: Int

  /// A grid; all three at least 1.
  public init(width: Int, height: Int, side: Int) {
    precondition(width > 0 && height > 0 && side > 0, "no grid: \(width)x\(height) by \(side)")
    self.width = width
    self.height = height
    self.side = side
  }

  /// Tiles in a row.
  public var columns: Int { (width + side - 1) / side }
  /// Tiles in a column.
  public var rows: Int { (height + side - 1) / side }
  /// All tiles.
  public var tileCount: Int { columns * rows }

  /// The tile of that index, 0 ..< tileCount.
  public func rect(at index: Int) -> TileRect {
    precondition(index >= 0 && index < tileCount, "tile \(index) of \(tileCount)")
    let x = index % columns * side
    let y = index / columns * side
    return TileRect(x: x, y: y, width: min(side, width - x), height: min(side, height - y))
  }
}
