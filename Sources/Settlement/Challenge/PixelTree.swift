import Cryptography

/// A tile's pixels under one RFC 6962 root: what a worker commits to. A leaf is a block of 4 x 4 pixels (cut
/// at the tile's right and bottom edges); blocks in raster order from the tile's top left. Leaf bytes,
/// big-endian: u16 x and u16 y of the block's first pixel in the frame, then of each pixel, in raster order,
/// four u16 (red, green, blue, alpha as binary16 bits), u32 work and a u32 for each channel of its layers. In
/// a pass an i64 for each sum takes the place of the halves.
public struct PixelTree: Sendable {
  /// Side of a block, pixels.
  public static let blockSidePX = 4

  /// Where the tile lies in its frame, pixels.
  public struct Area: Hashable, Sendable, Codable {
    /// Leftmost column, in the frame.
    public let x: Int
    /// Topmost row, in the frame.
    public let y: Int
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int

    /// A tile; coordinates must fit 16 bits and both sides be at least 1.
    public init(x: Int, y: Int, width: Int, height: Int) {
      precondition(
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 65_536 && y + height <= 65_536,
        "no tile: \(x),\(y) \(width)x\(height)")
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    var columns: Int { (width + blockSidePX - 1) / blockSidePX }
    var rows: Int { (height + blockSidePX - 1) / blockSidePX }
    var leafCount: Int { columns * rows }

    /// The block that pixel `index` (row-major in the tile) is in.
    func block(ofPixel index: Int) -> Int {
      index / width / blockSidePX * columns + index % width / blockSidePX
    }
    /// The block's pixels within the tile: columns and rows.
    func pixels(ofBlock block: Int) -> (columns: Range<Int>, rows: Range<Int>) {
      let (x, y) = (block % columns * blockSidePX, block / columns * blockSidePX)
      return (x..<min(x + blockSidePX, width), y..<min(y + blockSidePX, height))
    }
  }

  /// What is committed to, row-major; of each pixel 4 halves or any number of sums, a ray count, and equally
  /// many words of layers.
  private struct Values {
    let rgbaHalfBits: [UInt16]
    let sums: [Int64]
    let work: [UInt32]
    let layerWords: [UInt32]
    var sumCount: Int { sums.count / work.count }
    var wordCount: Int { layerWords.count / work.count }

    func check(pixelCount count: Int) {
      precondition(work.count == count, "\(work.count) work counters, \(count) pixels")
      precondition(
        layerWords.count == wordCount * count && wordCount <= PixelLeaf.layerWordsMax,
        "\(layerWords.count) words of layers, \(count) pixels")
      precondition(
        sums.count == sumCount * count && sumCount <= PixelLeaf.sumsMax, "\(sums.count) sums, \(count) pixels"
      )
      precondition(
        rgbaHalfBits.count == (sums.isEmpty ? 4 * count : 0), "\(rgbaHalfBits.count) halves, \(count) pixels")
    }

    func record(_ i: Int) -> PixelRecord {
      let layers = Array(layerWords[wordCount * i..<wordCount * (i + 1)])
      guard sums.isEmpty else {
        return PixelRecord(
          sums: Array(sums[sumCount * i..<sumCount * (i + 1)]), work: work[i], layers: layers)
      }
      return PixelRecord(
        rgbaHalfBits: Array(rgbaHalfBits[4 * i..<4 * i + 4]), work: work[i], layers: layers)
    }
  }

  private let area: Area
  private let values: Values
  private let leaves: TransparencyLog

  /// Hashes a tile's pixels, row-major: 4 halves, or sums in their place, 1 work counter and equally many
  /// words of layers each.
  public init(
    x: Int, y: Int, width: Int, height: Int, rgbaHalfBits: [UInt16] = [], sums: [Int64] = [], work: [UInt32],
    layerWords: [UInt32] = []
  ) {
    area = Area(x: x, y: y, width: width, height: height)
    values = Values(rgbaHalfBits: rgbaHalfBits, sums: sums, work: work, layerWords: layerWords)
    leaves = TransparencyLog(leafHashes: PixelTree.leafHashes(area, values))
  }

  /// What a commitment holds.
  public var root: Digest { leaves.root }

  /// The root alone, without keeping the tree.
  public static func root(
    x: Int, y: Int, width: Int, height: Int, rgbaHalfBits: [UInt16] = [], sums: [Int64] = [], work: [UInt32],
    layerWords: [UInt32] = []
  ) -> Digest {
    let values = Values(rgbaHalfBits: rgbaHalfBits, sums: sums, work: work, layerWords: layerWords)
    var level = leafHashes(Area(x: x, y: y, width: width, height: height), values)
    var hasher = SHA256()
    // Pairing from the left and passing a last odd node on gives RFC 6962's tree.
    while level.count > 1 {
      let pairs = level.count / 2
      for i in 0..<pairs { level[i] = MerkleTree.nodeHash(level[2 * i], level[2 * i + 1], hasher: &hasher) }
      if !level.count.isMultiple(of: 2) { level[pairs] = level[level.count - 1] }
      level.removeLast(pairs)
    }
    return level[0]
  }

  /// What shows, under the root alone, how one pixel (row-major index) was committed to.
  public func proof(forPixel index: Int) -> PixelProof {
    precondition(index >= 0 && index < values.work.count, "pixel \(index) of \(values.work.count)")
    let block = area.block(ofPixel: index)
    let (columns, rows) = area.pixels(ofBlock: block)
    let records = rows.flatMap { row in columns.map { values.record(row * area.width + $0) } }
    return PixelProof(block: records, path: leaves.inclusionProof(of: UInt64(block), at: leaves.size))
  }

  private static func leafHashes(_ area: Area, _ values: Values) -> [Digest] {
    values.check(pixelCount: area.width * area.height)
    let (sumCount, wordCount) = (values.sumCount, values.wordCount)
    var hasher = SHA256()
    return withUnsafeTemporaryAllocation(byteCount: PixelLeaf.bytesMax, alignment: 8) { buffer in
      values.rgbaHalfBits.withUnsafeBufferPointer { halves in
        values.work.withUnsafeBufferPointer { work in
          (0..<area.leafCount).map { block in
            let (columns, rows) = area.pixels(ofBlock: block)
            var leaf = PixelLeaf(buffer, x: area.x + columns.lowerBound, y: area.y + rows.lowerBound)
            for row in rows {
              for i in row * area.width + columns.lowerBound..<row * area.width + columns.upperBound {
                if sumCount == 0 {
                  leaf.append(halves[4 * i], halves[4 * i + 1], halves[4 * i + 2], halves[4 * i + 3])
                }
                for sum in values.sums[sumCount * i..<sumCount * (i + 1)] { leaf.append(sum) }
                leaf.append(work[i])
                for word in values.layerWords[wordCount * i..<wordCount * (i + 1)] { leaf.append(word) }
              }
            }
            return leaf.hash(by: &hasher)
          }
        }
      }
    }
  }
}
