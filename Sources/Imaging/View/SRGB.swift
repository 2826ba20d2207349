// For its linker directive only: squareRoot() and rounded() may end in libm, which gives the exact result.
import Glibc

/// The transfer function of sRGB (IEC 61966-2-1), from IEEE operations that are exact to the last bit
/// everywhere (no libm), so that the same frame gives the same file on every machine.
enum SRGB {
  /// Linear 0 ... 1 to encoded 0 ... 1; what lies outside is clipped.
  static func encode(_ linear: Float) -> Float {
    guard linear > 0 else { return 0 }
    guard linear < 1 else { return 1 }
    if linear <= 0.003_130_8 { return 12.92 * linear }
    return Float(1.055 * fiveTwelfthsPower(Double(linear)) - 0.055)
  }

  /// x^(5/12), which is x^(1/2.4), for x in (0.003, 1): the cube root of the fourth root of x^5.
  private static func fiveTwelfthsPower(_ x: Double) -> Double {
    let squared = x * x
    let target = (squared * squared * x).squareRoot().squareRoot()
    // Newton for the cube root, from a line near it: six steps leave an error below 10^-11 of the root.
    var root = 0.15 + 0.85 * target
    for _ in 0..<6 { root -= (root - target / (root * root)) * (1.0 / 3.0) }
    return root
  }
}
