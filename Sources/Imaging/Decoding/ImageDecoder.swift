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
  /// Most columns or rows, and most pixels, unless told otherwise.
  public static let (sideMax, pixelsMax) = (16384, 1 << 27)

  /// Reads a PNG or a JPEG, told apart by their first bytes. Colour profiles and gamma are ignored, as glTF
  /// 2.0 (section 3.9.2) demands. Whatever the libraries only warn of is damage, hence an error: pixels are
  /// never guessed. Sides and pixels are bounded before anything is allocated.
  public static func decode(
    _ bytes: [UInt8], maxSide: Int = sideMax, maxPixels: Int = pixelsMax
  ) throws(ImagingError) -> DecodedImage {
    let (width, height) = try size(bytes, maxSide: maxSide, maxPixels: maxPixels)
    var failure: ImagingError?
    let rgba8 = [UInt8](unsafeUninitializedCapacity: 4 * width * height) { buffer, count in
      do throws(ImagingError) {
        let pixels = UnsafeMutableBufferPointer(rebasing: buffer[..<(4 * width * height)])
        try decode(bytes, into: UnsafeMutableRawBufferPointer(pixels))
        count = pixels.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return DecodedImage(width: width, height: height, rgba8: rgba8)
  }

  /// Columns and rows of a PNG or a JPEG by its header, within the bounds.
  public static func size(
    _ bytes: [UInt8], maxSide: Int = sideMax, maxPixels: Int = pixelsMax
  ) throws(ImagingError) -> (width: Int, height: Int) {
    if bytes.starts(with: PNGFile.signature) {
      return try PNGFile.size(bytes, maxSide: maxSide, maxPixels: maxPixels)
    }
    if bytes.starts(with: JPEG.signature) {
      return try JPEG.size(bytes, maxSide: maxSide, maxPixels: maxPixels)
    }
    throw .unsupported(what: "image", feature: "a format that is neither PNG nor JPEG")
  }

  /// Writes the pixels, as `DecodedImage.rgba8`, of a picture whose `size` is known: 4 bytes for each.
  public static func decode(
    _ bytes: [UInt8], into rgba8: UnsafeMutableRawBufferPointer
  ) throws(ImagingError) {
    if bytes.starts(with: JPEG.signature) {
      try JPEG.decode(bytes, into: rgba8)
    } else {
      try PNGFile.readRGBA8(bytes, into: rgba8)
    }
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
