import CTurboJPEG

/// JPEG files (ITU-T T.81): libjpeg-turbo's one owner.
enum JPEG {
  /// Start of image, and the first byte of the next marker.
  static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Decodes to RGBA. The accurate DCT gives the same bits with and without vector instructions.
  static func decode(_ bytes: [UInt8], maxSide: Int, maxPixels: Int) throws(ImagingError) -> DecodedImage {
    guard let decoder = tjInitDecompress() else {
      throw .library(call: "tjInitDecompress", reason: "out of memory")
    }
    defer { tjDestroy(decoder) }
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorspace: Int32 = 0
    let status = tjDecompressHeader3(
      decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace)
    guard status == 0, width > 0, height > 0 else { throw .malformed(what: "JPEG", reason: reason(decoder)) }
    let side = Int(max(width, height))
    guard side <= maxSide else { throw .overLimit(what: "JPEG's longer side", found: side, limit: maxSide) }
    let pixelCount = Int(width) * Int(height)
    guard pixelCount <= maxPixels else {
      throw .overLimit(what: "JPEG, in pixels", found: pixelCount, limit: maxPixels)
    }
    guard colorspace != TJCS_CMYK.rawValue, colorspace != TJCS_YCCK.rawValue else {
      throw .unsupported(what: "JPEG", feature: "CMYK colour")
    }
    var decoded: Int32 = 0
    let rgba8 = [UInt8](unsafeUninitializedCapacity: 4 * pixelCount) { buffer, count in
      decoded = tjDecompress2(
        decoder, bytes, UInt(bytes.count), buffer.baseAddress, width, 0, height, TJPF_RGBA.rawValue,
        TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
      count = decoded == 0 ? 4 * pixelCount : 0
    }
    guard decoded == 0 else { throw .malformed(what: "JPEG", reason: reason(decoder)) }
    return DecodedImage(width: Int(width), height: Int(height), rgba8: rgba8)
  }

  private static func reason(_ decoder: tjhandle) -> String { String(cString: tjGetErrorStr2(decoder)) }
}
