import Cryptography
import Imaging
import Settlement

extension TileContent {
  /// The root that a commitment to it holds: `PixelTree`, leaves of 4 x 4 pixels at their place in the frame.
  public func commitmentRoot() -> Digest {
    switch self {
    case .resolved(let fragment): fragment.commitmentRoot()
    case .sums(let sums, _): sums.commitmentRoot()
    }
  }

  /// One pixel as it is committed to and probed.
  /// - Parameter index: row-major within the tile, 0 ..< `rect.pixelCount`.
  public func record(atPixel index: Int) -> PixelRecord {
    switch self {
    case .resolved(let fragment): fragment.record(atPixel: index)
    case .sums(let sums, _): sums.record(atPixel: index)
    }
  }
}

extension Fragment {
  /// `TileContent.commitmentRoot` of a whole tile.
  public func commitmentRoot() -> Digest {
    PixelTree.root(
      x: rect.x, y: rect.y, width: rect.width, height: rect.height, rgbaHalfBits: rgbaHalfBits, work: work,
      layerWords: layers.words)
  }

  /// `TileContent.record` of a whole tile.
  public func record(atPixel index: Int) -> PixelRecord {
    precondition(index >= 0 && index < rect.pixelCount, "pixel \(index) of \(rect.pixelCount)")
    return PixelRecord(
      rgbaHalfBits: Array(rgbaHalfBits[4 * index..<4 * index + 4]), work: work[index],
      layers: Array(layers.words(ofPixel: index)))
  }
}

extension SampleSums {
  fileprivate func commitmentRoot() -> Digest {
    PixelTree.root(
      x: rect.x, y: rect.y, width: rect.width, height: rect.height,
      sums: layers == nil ? rgba : (0..<rect.pixelCount).flatMap(sums), work: work,
      layerWords: layers?.points ?? [])
  }

  fileprivate func record(atPixel index: Int) -> PixelRecord {
    precondition(index >= 0 && index < rect.pixelCount, "pixel \(index) of \(rect.pixelCount)")
    let count = LayerSums.pointWords
    return PixelRecord(
      sums: sums(ofPixel: index), work: work[index],
      layers: layers.map { Array($0.points[count * index..<count * (index + 1)]) } ?? [])
  }

  /// Colour and alpha, then those of first hits.
  private func sums(ofPixel index: Int) -> [Int64] {
    let colour = Array(rgba[4 * index..<4 * index + 4])
    guard let layers else { return colour }
    let count = LayerSums.sumCount
    return colour + layers.sums[count * index..<count * (index + 1)]
  }
}
