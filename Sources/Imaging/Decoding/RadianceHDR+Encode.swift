extension RadianceHDR {
  /// Writes RGBE with new run lengths where the format has them (8 to 32767 columns), flat otherwise.
  /// Components lose all but 8 bits below the largest of their pixel; negative ones become 0, as does what is
  /// below 2^-106.
  public static func encode(_ image: HDRImage) -> [UInt8] {
    var out = Array("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y \(image.height) +X \(image.width)\n".utf8)
    for row in 0..<image.height {
      let pixels = (0..<image.width).map { x in
        let at = 3 * (row * image.width + x)
        return rgbe(SIMD3(image.rgb[at], image.rgb[at + 1], image.rgb[at + 2]))
      }
      if (8...0x7FFF).contains(image.width) {
        out += [2, 2, UInt8(image.width >> 8), UInt8(image.width & 0xFF)]
        for component in 0..<4 { appendRuns(pixels.map { $0[component] }, to: &out) }
      } else {
        for pixel in pixels { out += [pixel.x, pixel.y, pixel.z, pixel.w] }
      }
    }
    return out
  }

  /// Mantissas cut, not rounded, as Ward's code does; the largest has its top bit set.
  private static func rgbe(_ colour: SIMD3<Float>) -> SIMD4<UInt8> {
    let colour = colour.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 0x1.FEp126))
    let peak = colour.max()
    guard peak >= 0x1p-106 else { return SIMD4() }
    let exponent = Int(peak.exponent) + 1
    let mantissas = colour * Float(sign: .plus, exponent: 8 - exponent, significand: 1)
    return SIMD4(UInt8(mantissas.x), UInt8(mantissas.y), UInt8(mantissas.z), UInt8(exponent + 128))
  }

  /// Runs of four and more equal bytes are repeats, the rest is copied.
  private static func appendRuns(_ values: [UInt8], to out: inout [UInt8]) {
    func runLength(at start: Int) -> Int {
      let end = values[start...].prefix(127).firstIndex { $0 != values[start] }
      return (end ?? min(start + 127, values.count)) - start
    }
    var x = 0
    while x < values.count {
      let run = runLength(at: x)
      if run >= 4 {
        out += [UInt8(128 + run), values[x]]
        x += run
        continue
      }
      let start = x
      while x < values.count, x - start < 128, runLength(at: x) < 4 { x += 1 }
      out.append(UInt8(x - start))
      out += values[start..<x]
    }
  }
}
