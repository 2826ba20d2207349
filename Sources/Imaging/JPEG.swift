import CTurboJPEG

/// JPEG files (ITU-T T.81): libjpeg-turbo's one owner.
enum JPEG {
  /// Start of image, and the first byte of the next marker.
  static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Columns and rows by the header, within the bounds.
  static func size(
    _ bytes: [UInt8], maxSide: Int, maxPixels: Int
  ) throws(ImagingError) -> (width: Int, height: Int) {
    let decoder = try JPEGDecoder()
    let (width, height) = try decoder.size(bytes)
    let side = max(width, height)
    guard side <= maxSide else { throw .overLimit(what: "JPEG's longer side", found: side, limit: maxSide) }
    guard width * height <= maxPixels else {
      throw .overLimit(what: "JPEG, in pixels", found: width * height, limit: maxPixels)
    }
    return (width, height)
  }

  /// Decodes to RGBA, 4 bytes for each pixel. The accurate DCT gives the same bits with and without vector
  /// instructions.
  static func decode(_ bytes: [UInt8], into rgba8: UnsafeMutableRawBufferPointer) throws(ImagingError) {
    let decoder = try JPEGDecoder()
    let (width, height) = try decoder.size(bytes)
    precondition(rgba8.count == 4 * width * height, "\(rgba8.count) bytes for \(width) x \(height) pixels")
    try decoder.decode(bytes, into: rgba8, width: width, height: height)
  }
}

/// A handle of the library.
private final class JPEGDecoder {
  private let handle: tjhandle

  init() throws(ImagingError) {
    guard let handle = tjInitDecompress() else {
      throw .library(call: "tjInitDecompress", reason: "out of memory")
    }
    self.handle = handle
  }
  deinit { tjDestroy(handle) }

  /// By the header; at least 1 each. Refuses what cannot become RGBA.
  func size(_ bytes: [UInt8]) throws(ImagingError) -> (width: Int, height: Int) {
    var (width, height, subsampling, colorspace): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    let status = tjDecompressHeader3(
      handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace)
    guard status == 0, width > 0, height > 0 else { throw malformed }
    guard colorspace != TJCS_CMYK.rawValue, colorspace != TJCS_YCCK.rawValue else {
      throw .unsupported(what: "JPEG", feature: "CMYK colour")
    }
    return (Int(width), Int(height))
  }

  func decode(
    _ bytes: [UInt8], into rgba8: UnsafeMutableRawBufferPointer, width: Int, height: Int
  ) throws(ImagingError) {
    let status = tjDecompress2(
      handle, bytes, UInt(bytes.count), rgba8.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(width),
      0, Int32(height), TJPF_RGBA.rawValue, TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
    guard status == 0 else { throw malformed }
  }

  private var malformed: ImagingError {
    .malformed(what: "JPEG", reason: String(cString: tjGetErrorStr2(handle)))
  }
}
