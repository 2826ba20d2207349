import Cryptography

/// One block of a committed tile and its place under the root: with the worker's signed commitment,
/// everything that a dispute about a pixel needs, in less than a kilobyte.
public struct PixelProof: Hashable, Sendable, Codable {
  /// The block's pixels in raster order.
  public var block: [PixelRecord]
  /// RFC 6962 inclusion path of the block.
  public var path: [Digest]

  /// Both fields.
  public init(block: [PixelRecord], path: [Digest]) {
    self.block = block
    self.path = path
  }

  /// The committed record of a pixel (row-major index in the tile), if this proof belongs to it and to
  /// `root`.
  public func record(ofPixel index: Int, in area: PixelTree.Area, root: Digest) -> PixelRecord? {
    guard index >= 0, index < area.width * area.height else { return nil }
    let leafIndex = area.block(ofPixel: index)
    let (columns, rows) = area.pixels(ofBlock: leafIndex)
    let (sumCount, wordCount) = (block.first?.sums.count ?? 0, block.first?.layers.count ?? 0)
    guard block.count == columns.count * rows.count, wordCount <= PixelLeaf.layerWordsMax,
      sumCount <= PixelLeaf.sumsMax,
      block.allSatisfy({ pixel in
        pixel.rgbaHalfBits.count == (sumCount == 0 ? 4 : 0) && pixel.sums.count == sumCount
          && pixel.layers.count == wordCount
      })
    else { return nil }
    guard
      MerkleTree.verifyInclusion(
        leaf: leafHash(x: area.x + columns.lowerBound, y: area.y + rows.lowerBound), index: UInt64(leafIndex),
        size: UInt64(area.leafCount), proof: path, root: root)
    else { return nil }
    let (column, row) = (index % area.width - columns.lowerBound, index / area.width - rows.lowerBound)
    return block[row * columns.count + column]
  }

  private func leafHash(x: Int, y: Int) -> Digest {
    var hasher = SHA256()
    return withUnsafeTemporaryAllocation(byteCount: PixelLeaf.bytesMax, alignment: 8) { buffer in
      var leaf = PixelLeaf(buffer, x: x, y: y)
      for pixel in block {
        let half = pixel.rgbaHalfBits
        if !half.isEmpty { leaf.append(half[0], half[1], half[2], half[3]) }
        for sum in pixel.sums { leaf.append(sum) }
        leaf.append(pixel.work)
        for word in pixel.layers { leaf.append(word) }
      }
      return leaf.hash(by: &hasher)
    }
  }
}

/// Writes one leaf of a `PixelTree` into a buffer that is reused for the next.
struct PixelLeaf {
  /// More words of layers than any job's pixels have.
  static let layerWordsMax = 16
  /// Sums of a pixel in a pass: four of colour and alpha, six of first hits.
  static let sumsMax = 10
  /// The 0x00 of a leaf, the place and 16 pixels of sums (or fewer bytes of halves), work and layers.
  static let bytesMax =
    1 + 4 + PixelTree.blockSidePX * PixelTree.blockSidePX * (8 * sumsMax + 4 + 4 * layerWordsMax)

  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 5

  init(_ buffer: UnsafeMutableRawBufferPointer, x: Int, y: Int) {
    self.buffer = buffer
    buffer[0] = 0
    buffer.storeBytes(of: UInt16(x).bigEndian, toByteOffset: 1, as: UInt16.self)
    buffer.storeBytes(of: UInt16(y).bigEndian, toByteOffset: 3, as: UInt16.self)
  }

  mutating func append(_ red: UInt16, _ green: UInt16, _ blue: UInt16, _ alpha: UInt16) {
    buffer.storeBytes(of: red.bigEndian, toByteOffset: count, as: UInt16.self)
    buffer.storeBytes(of: green.bigEndian, toByteOffset: count + 2, as: UInt16.self)
    buffer.storeBytes(of: blue.bigEndian, toByteOffset: count + 4, as: UInt16.self)
    buffer.storeBytes(of: alpha.bigEndian, toByteOffset: count + 6, as: UInt16.self)
    count += 8
  }

  mutating func append<T: FixedWidthInteger>(_ word: T) {
    buffer.storeBytes(of: word.bigEndian, toByteOffset: count, as: T.self)
    count += T.bitWidth / 8
  }

  func hash(by hasher: inout SHA256) -> Digest {
    hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    return hasher.finalize()
  }
}
