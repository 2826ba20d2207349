/// A frame as a display shows it: encoded colour 0 ... 1, not premultiplied.
struct DisplayImage {
  let width: Int
  let height: Int
  /// Row-major: red, green, blue, alpha; each 0 ... 1.
  let rgba: [SIMD4<Float>]

  /// Applies exposure (a factor of 2^EV), then the view. Where alpha is 0, colour (light without cover) stays
  /// as it is.
  init(_ frame: Frame, view: ViewTransform, exposureEV: Float) {
    self.init(frame, exposureEV: exposureEV, display: view.display)
  }

  /// For a display that takes the perceptual quantiser: nothing is compressed but by the display itself.
  init(hdr frame: Frame, exposureEV: Float) {
    self.init(frame, exposureEV: exposureEV, display: PQ.encode)
  }

  private init(
    _ frame: Frame, exposureEV: Float, display: (SIMD3<Float>) -> SIMD3<Float>
  ) {
    precondition(exposureEV.isFinite && abs(exposureEV) <= 64, "an exposure of \(exposureEV) EV")
    width = frame.width
    height = frame.height
    let gain = Float(Elementary.exp2(Double(exposureEV)))
    let halves = frame.rgbaHalfBits
    rgba = (0..<frame.width * frame.height).map { pixel in
      let alpha = Half.float(halves[4 * pixel + 3])
      let colour = SIMD3(
        Half.float(halves[4 * pixel]), Half.float(halves[4 * pixel + 1]), Half.float(halves[4 * pixel + 2]))
      let shown = display(colour * (alpha > 0 ? gain / alpha : gain))
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
}
