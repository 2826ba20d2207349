extension DeviceScene {
  /// The sRGB decoding function (IEC 61966-2-1) of n / 255, n = 0 ... 255: 256 linear values in 0 ... 1.
  /// Double arithmetic with + - * / only, rounded once, hence the same on every host.
  package static let srgbToLinear: [Float] = (0...255).map { code in
    let encoded = Double(code) / 255
    guard encoded > 0.04045 else { return Float(encoded / 12.92) }
    let base = (encoded + 0.055) / 1.055
    // base^2.4 = base^2 * (base^2)^(1/5).
    let square = base * base
    return Float(square * fifthRoot(square))
  }

  /// What a texel's codes stand for: 256 sRGB values, then 256 linear ones, n / 255.
  package static let decoding: [Float] = srgbToLinear + (0...255).map { Float($0) / 255 }

  /// The fifth root of x in 0 ... 1 by Newton's method. From above it falls monotonically and then converges
  /// quadratically; 64 steps are enough for the smallest argument here (7e-3).
  private static func fifthRoot(_ x: Double) -> Double {
    var root = 1.0
    for _ in 0..<64 {
      let fourth = (root * root) * (root * root)
      root -= (fourth * root - x) / (5 * fourth)
    }
    return root
  }
}
