/// What a decoder of fragments accepts; checked before anything is allocated.
public struct FragmentLimits: Hashable, Sendable {
  /// Longest side of a tile, pixels.
  public let tileSidePXMax: Int
  /// Longest side of an image, pixels.
  public let imageSidePXMax: Int

  /// Both at least 1.
  public init(tileSidePXMax: Int = 512, imageSidePXMax: Int = 16_384) {
    precondition(tileSidePXMax > 0 && imageSidePXMax > 0, "no limits: \(tileSidePXMax), \(imageSidePXMax)")
    self.tileSidePXMax = tileSidePXMax
    self.imageSidePXMax = imageSidePXMax
  }

  /// Tiles to 512, images to 16384.
  public static let standard = FragmentLimits()

  /// What the PNG files of a fragment have together, at most.
  func contentBytesMax(bytesPerPixel: Int) -> Int {
    let pixels = tileSidePXMax * tileSidePXMax * bytesPerPixel
    // A filter byte a row; stored deflate blocks and chunks add less than a hundredth; headers are short.
    return pixels + pixels / 100 + 8 * tileSidePXMax + (32 << 10)
  }
  /// What a compressed fragment has at most: noise does not shrink, and zstd adds little to it.
  func frameBytesMax(bytesPerPixel: Int) -> Int {
    let content = contentBytesMax(bytesPerPixel: bytesPerPixel)
    return content + content / 256 + 512
  }
}
