/// Linear pixels, as environments need them.
public struct HDRImage: Hashable, Sendable {
  /// Columns.
  public let width: Int
  /// Rows, the first one on top.
  public let height: Int
  /// Row-major, 3 a pixel: red, green, blue; linear radiance, not negative, finite.
  public let rgb: [Float]

  /// Counts must fit.
  public init(width: Int, height: Int, rgb: [Float]) {
    precondition(
      width > 0 && height > 0 && rgb.count == 3 * width * height, "\(rgb.count), \(width)x\(height)")
    self.width = width
    self.height = height
    self.rgb = rgb
  }
}

/// Radiance picture files (G. Ward, "Real Pixels", Graphics Gems II, 1991; Radiance's filefmts.pdf).
public enum RadianceHDR {
  /// The first bytes of a file.
  static let signature = Array("#?".utf8)

  /// Reads RGBE of all three forms (flat, old and new run lengths) with rows from the top, columns from the
  /// left. A component is mantissa * 2^(exponent - 136), exactly. EXPOSURE lines are ignored. Other
  /// orientations and XYZE are refused by name. Sides and pixels are bounded before anything is allocated.
  public static func decode(
    _ bytes: [UInt8], maxSide: Int = 16384, maxPixels: Int = 1 << 26
  ) throws(ImagingError) -> HDRImage {
    var reader = try HeaderReader(bytes)
    let (width, height) = try reader.readHeader()
    guard max(width, height) <= maxSide else {
      throw .overLimit(what: "HDR's longer side", found: max(width, height), limit: maxSide)
    }
    guard width * height <= maxPixels else {
      throw .overLimit(what: "HDR, in pixels", found: width * height, limit: maxPixels)
    }
    var pixels = RGBEReader(bytes: bytes, offset: reader.offset, width: width)
    var rgb = [Float](repeating: 0, count: 3 * width * height)
    for row in 0..<height {
      let scanline = try pixels.readScanline(row: row)
      for x in 0..<width {
        let pixel = scanline[x]
        let scale = RGBEReader.scale(exponent: pixel.w)
        let at = 3 * (row * width + x)
        rgb[at] = Float(pixel.x) * scale
        rgb[at + 1] = Float(pixel.y) * scale
        rgb[at + 2] = Float(pixel.z) * scale
      }
    }
    return HDRImage(width: width, height: height, rgb: rgb)
  }

  /// The lines before the pixels.
  private struct HeaderReader {
    /// No line of a header is longer.
    static let lineBytesMax = 1024
    static let linesMax = 256
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) throws(ImagingError) {
      guard bytes.starts(with: RadianceHDR.signature) else {
        throw .malformed(what: "HDR", reason: "it does not start with #?")
      }
      self.bytes = bytes
    }

    mutating func readLine() throws(ImagingError) -> String {
      let window = bytes[offset..<min(bytes.count, offset + HeaderReader.lineBytesMax)]
      guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
        throw .malformed(what: "HDR", reason: "a header line does not end, at byte \(offset)")
      }
      defer { offset = end + 1 }
      return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    mutating func readHeader() throws(ImagingError) -> (width: Int, height: Int) {
      var lineCount = 0
      var line = try readLine()
      while !line.isEmpty {
        if line.hasPrefix("FORMAT="), line != "FORMAT=32-bit_rle_rgbe" {
          throw .unsupported(what: "HDR", feature: "'\(line)'")
        }
        lineCount += 1
        guard lineCount <= HeaderReader.linesMax else {
          throw .overLimit(what: "HDR, in header lines", found: lineCount, limit: HeaderReader.linesMax)
        }
        line = try readLine()
      }
      let resolution = try readLine()
      let words = resolution.split(separator: " ")
      guard words.count == 4 else { throw .malformed(what: "HDR", reason: "its size is '\(resolution)'") }
      guard words[0] == "-Y", words[2] == "+X" else {
        throw .unsupported(what: "HDR", feature: "orientation '\(words[0]) \(words[2])' (only -Y +X)")
      }
      guard let height = UInt32(words[1]), let width = UInt32(words[3]), min(width, height) > 0 else {
        throw .malformed(what: "HDR", reason: "its size is '\(resolution)'")
      }
      return (Int(width), Int(height))
    }
  }
}
