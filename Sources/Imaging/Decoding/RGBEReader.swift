/// Reads Radiance scanlines: red, green, blue mantissas and a shared exponent.
struct RGBEReader {
  typealias Pixel = SIMD4<UInt8>

  let bytes: [UInt8]
  var offset: Int
  let width: Int

  /// What mantissas of that exponent are multiplied with; exponent 0 is black.
  static func scale(exponent: UInt8) -> Float {
    exponent == 0 ? 0 : Float(sign: .plus, exponent: Int(exponent) - 136, significand: 1)
  }

  /// Reads one scanline of any form.
  mutating func readScanline(row: Int) throws(ImagingError) -> [Pixel] {
    let first = try readPixel(row: row)
    let announced = Int(first.z) << 8 | Int(first.w)
    guard (8...0x7FFF).contains(width), first.x == 2, first.y == 2, first.z < 128 else {
      return try readOldScanline(startingWith: first, row: row)
    }
    guard announced == width else {
      throw .mismatch(what: "HDR row \(row): columns", expected: width, found: announced)
    }
    var scanline = [Pixel](repeating: Pixel(), count: width)
    for component in 0..<4 { try readRuns(of: component, into: &scanline, row: row) }
    return scanline
  }

  private func damaged(_ reason: String, row: Int) -> ImagingError {
    .malformed(what: "HDR row \(row)", reason: "\(reason), at byte \(offset)")
  }

  private mutating func readByte(row: Int) throws(ImagingError) -> UInt8 {
    guard offset < bytes.count else { throw damaged("the file ends early", row: row) }
    defer { offset += 1 }
    return bytes[offset]
  }

  private mutating func readPixel(row: Int) throws(ImagingError) -> Pixel {
    guard bytes.count - offset >= 4 else { throw damaged("the file ends early", row: row) }
    defer { offset += 4 }
    return Pixel(bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3])
  }

  /// One component of a whole scanline: counts above 128 repeat a byte, others copy.
  private mutating func readRuns(
    of component: Int, into scanline: inout [Pixel], row: Int
  ) throws(ImagingError) {
    var x = 0
    while x < width {
      let code = Int(try readByte(row: row))
      let count = code > 128 ? code - 128 : code
      guard count > 0 else { throw damaged("a run is empty", row: row) }
      guard count <= width - x else { throw damaged("a run leaves the row", row: row) }
      if code > 128 {
        let value = try readByte(row: row)
        for i in x..<x + count { scanline[i][component] = value }
      } else {
        for i in x..<x + count { scanline[i][component] = try readByte(row: row) }
      }
      x += count
    }
  }

  /// Pixels as they are; mantissas 1, 1, 1 repeat the pixel before, and further ones in a row count 256 times
  /// as much.
  private mutating func readOldScanline(
    startingWith first: Pixel, row: Int
  ) throws(ImagingError) -> [Pixel] {
    var scanline: [Pixel] = []
    scanline.reserveCapacity(width)
    var pixel = first
    var shift = 0
    while true {
      if pixel.x == 1, pixel.y == 1, pixel.z == 1 {
        guard let last = scanline.last else { throw damaged("a run repeats nothing", row: row) }
        let count = shift < 16 ? Int(pixel.w) << shift : Int.max
        guard count <= width - scanline.count else { throw damaged("a run leaves the row", row: row) }
        scanline.append(contentsOf: repeatElement(last, count: count))
        shift += 8
      } else {
        scanline.append(pixel)
        shift = 0
      }
      if scanline.count == width { return scanline }
      pixel = try readPixel(row: row)
    }
  }
}
