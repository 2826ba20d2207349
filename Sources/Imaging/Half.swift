/// IEEE 754 binary16 bit patterns, converted in integers: the same on every machine, with or without hardware
/// halves.
public enum Half {
  /// 65504, the largest finite half.
  public static let maxBits: UInt16 = 0x7BFF
  /// 1.
  public static let oneBits: UInt16 = 0x3C00

  /// The value of a bit pattern; exact.
  public static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 31
    let fraction = UInt32(bits) & 0x3FF
    switch exponent {
    case 0:
      // A subnormal is its fraction in units of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest half, ties to even; from 65520 on it is infinite. NaN stays a (quiet) NaN.
  public static func bits(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 | UInt16(magnitude >> 13 & 0x3FF) }
    // Exponent field of a float: below 113 the half is subnormal, and its unit stays at 2^-24.
    let exponent = Int(magnitude >> 23)
    if exponent >= 143 { return sign | 0x7C00 }
    let significand = exponent == 0 ? magnitude : magnitude & 0x7F_FFFF | 0x80_0000
    let drop = exponent < 113 ? 126 - exponent : 13
    if drop > 24 { return sign }
    let base = exponent < 113 ? 0 : (exponent - 113) << 10
    return sign | UInt16(base + Int(roundedShift(significand, by: drop)))
  }

  /// `value` / 2^`count`, to nearest, ties to even.
  private static func roundedShift(_ value: UInt32, by count: Int) -> UInt32 {
    let quotient = value >> UInt32(count)
    let rest = value & (1 << UInt32(count) - 1)
    let half: UInt32 = 1 << UInt32(count - 1)
    return rest > half || rest == half && quotient & 1 == 1 ? quotient + 1 : quotient
  }

  /// The half nearest to sum / (count * 2^fractionBits), ties to even, clamped at 65504. Exact: the quotient
  /// is never a float. `sum` must not be negative; `count` is 1 ... 2^24.
  static func mean(ofSum sum: Int64, count: Int, fractionBits: Int) -> UInt16 {
    precondition(sum >= 0, "a sum of radiance is negative: \(sum)")
    precondition(
      count > 0 && count <= 1 << 24 && fractionBits >= 24, "\(count) samples, \(fractionBits) bits")
    let sum = UInt64(sum)
    // In units of 2^-24 (the least subnormal): from 2^11 on, a half has no room for all bits.
    let unit = UInt64(count) << UInt64(fractionBits - 24)
    let excessBits = max(0, UInt64.bitWidth - (sum / unit).leadingZeroBitCount - 11)
    if excessBits > 29 { return maxBits }
    let (quotient, rest) = sum.quotientAndRemainder(dividingBy: unit << UInt64(excessBits))
    let doubled = rest << 1
    let divisor = unit << UInt64(excessBits)
    let roundsUp = doubled > divisor || doubled == divisor && quotient & 1 == 1
    // A carry out of the eleven bits moves into the exponent by itself.
    let bits = UInt64(excessBits) << 10 + quotient + (roundsUp ? 1 : 0)
    return UInt16(min(bits, UInt64(maxBits)))
  }
}
