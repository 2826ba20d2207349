/// A frame as a display shows it: encoded colour 0 ... 1, not premultiplied.
struct DisplayImage {
  let width: Int
  let height: Int
  /// Row-major: red, green, blue, alpha; each 0 ... 1.
  let rgba: [SIMD4<Float>]

  /// Applies exposure (a factor of 2^EV), then the view. Where alpha is 0, colour (light without cover) stays
  /// as it is.
  init(_ frame: Frame, view: ViewTransform, exposureEV: Float) {
    precondition(exposureEV.isFinite && abs(exposureEV) <= 64, "an exposure of \(exposureEV) EV")
    width = frame.width
    height = frame.height
    let gain = DisplayImage.exp2(exposureEV)
    let halves = frame.rgbaHalfBits
    rgba = (0..<frame.width * frame.height).map { pixel in
      let alpha = Half.float(halves[4 * pixel + 3])
      let colour = SIMD3(
        Half.float(halves[4 * pixel]), Half.float(halves[4 * pixel + 1]), Half.float(halves[4 * pixel + 2]))
      let shown = view.display(colour * (alpha > 0 ? gain / alpha : gain))
      return SIMD4(shown, min(max(alpha, 0), 1))
    }
  }

  /// 8-bit samples, rounded to nearest.
  var samples8: [UInt8] {
    var samples: [UInt8] = []
    samples.reserveCapacity(4 * rgba.count)
    for pixel in rgba {
      let scaled = pixel * 255 + 0.5
      for channel in 0..<4 { samples.append(UInt8(scaled[channel])) }
    }
    return samples
  }

  /// 16-bit samples, rounded to nearest.
  var samples16: [UInt16] {
    var samples: [UInt16] = []
    samples.reserveCapacity(4 * rgba.count)
    for pixel in rgba {
      let scaled = pixel * 65535 + 0.5
      for channel in 0..<4 { samples.append(UInt16(scaled[channel])) }
    }
    return samples
  }

  /// 2^x: the whole part is exact, the rest (below 1) a Taylor series in IEEE operations.
  static func exp2(_ x: Float) -> Float {
    let whole = x.rounded(.down)
    let rest = Double(x - whole) * 0.693_147_180_559_945_3
    let series = (1...18).reversed().reduce(1.0) { sum, n in 1 + rest / Double(n) * sum }
    return Float(sign: .plus, exponent: Int(whole), significand: Float(series))
  }
}
