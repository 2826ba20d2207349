/// A picture as textures need it.
public struct DecodedImage: Hashable, Sendable {
  /// Columns.
  public let width: Int
  /// Rows, the first one on top.
  public let height: Int
  /// Row-major, 4 a pixel: red, green, blue, alpha (not premultiplied), as encoded in the file: no colour
  /// management.
  public let rgba8: [UInt8]
}

/// Reads pictures that scenes refer to.
public enum ImageDecoder {
  /// Reads a PNG or a JPEG, told apart by their first bytes. Colour profiles and gamma are ignored, as glTF
  /// 2.0 (section 3.9.2) demands. Whatever the libraries only warn of is damage, hence an error: pixels are
  /// never guessed. Sides and pixels are bounded before anything is allocated.
  public static func decode(
    _ bytes: [UInt8], maxSide: Int = 16384, maxPixels: Int = 1 << 27
  ) throws(ImagingError) -> DecodedImage {
    if bytes.starts(with: PNGFile.signature) {
      return try PNGFile.readRGBA8(bytes, maxSide: maxSide, maxPixels: maxPixels)
    }
    if bytes.starts(with: JPEG.signature) {
      return try JPEG.decode(bytes, maxSide: maxSide, maxPixels: maxPixels)
    }
    throw .unsupported(what: "image", feature: "a format that is neither PNG nor JPEG")
  }

  /// Reads a picture of radiance, Radiance's or OpenEXR's, told apart by their first bytes. Sides and pixels
  /// are bounded before anything is allocated.
  public static func decodeHDR(
    _ bytes: [UInt8], maxSide: Int = 16384, maxPixels: Int = 1 << 26
  ) throws(ImagingError) -> HDRImage {
    if bytes.starts(with: EXRImage.signature) {
      return try EXRImage.decode(bytes, maxSide: maxSide, maxPixels: maxPixels)
    }
    return try RadianceHDR.decode(bytes, maxSide: maxSide, maxPixels: maxPixels)
  }
}
