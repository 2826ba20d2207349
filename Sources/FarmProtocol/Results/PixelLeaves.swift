import Cryptography
import Imaging
import Settlement

extension Fragment {
  /// The root that a commitment to this fragment holds: `PixelTree`, leaves of 4 x 4 pixels at their place in
  /// the frame.
  public func commitmentRoot() -> Digest {
    PixelTree.root(
      x: rect.x, y: rect.y, width: rect.width, height: rect.height, rgbaHalfBits: rgbaHalfBits, work: work,
      layerWords: layers.words)
  }

  /// One pixel as it is committed to and probed.
  /// - Parameter index: row-major within the tile, 0 ..< `rect.pixelCount`.
  public func record(atPixel index: Int) -> PixelRecord {
    precondition(index >= 0 && index < rect.pixelCount, "pixel \(index) of \(rect.pixelCount)")
    return PixelRecord(
      rgbaHalfBits: Array(rgbaHalfBits[4 * index..<4 * index + 4]), work: work[index],
      layers: Array(layers.words(ofPixel: index)))
  }
}

extension [PixelRecord] {
  /// SHA-256 over the records in this order: `Verdict.observed` of a verifier that saw them.
  public var observedDigest: Digest {
    var writer = CanonicalWriter(type: "observed")
    writer.write(UInt32(count))
    for record in self {
      for half in record.rgbaHalfBits { writer.write(half) }
      writer.write(record.work)
    }
    return Digest(of: writer.bytes)
  }
}
