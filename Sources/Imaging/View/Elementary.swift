/// Functions from IEEE operations that are exact to the last bit everywhere (no libm), so that the same frame
/// gives the same file on every machine.
enum Elementary {
  /// Binary logarithm of a positive number, to 1e-10.
  static func log2(_ x: Double) -> Double {
    // x = 2^exponent * m, m in [sqrt(1/2), sqrt(2)): ln m = 2 artanh((m - 1) / (m + 1)).
    var exponent = x.exponent
    var m = x.significand
    if m > 1.414_213_562_373_095_1 {
      m /= 2
      exponent += 1
    }
    let t = (m - 1) / (m + 1)
    let t2 = t * t
    let series = 1 + t2 * (1.0 / 3 + t2 * (1.0 / 5 + t2 * (1.0 / 7 + t2 * (1.0 / 9 + t2 * (1.0 / 11)))))
    return Double(exponent) + 2 * t * series * 1.442_695_040_888_963_4
  }

  /// 2^x: the whole part is exact, the rest (below 1) a Taylor series.
  static func exp2(_ x: Double) -> Double {
    let whole = x.rounded(.down)
    let rest = (x - whole) * 0.693_147_180_559_945_3
    let series = (1...18).reversed().reduce(1.0) { sum, n in 1 + rest / Double(n) * sum }
    return Double(sign: .plus, exponent: Int(whole), significand: series)
  }

  /// x^y for x >= 0; 0 for 0.
  static func power(_ x: Double, _ y: Double) -> Double { x > 0 ? exp2(y * log2(x)) : 0 }
}
