/// Elementary functions that give the same bits on every machine, and the same bits as the kernels' `m_*`
/// functions: only `+ - * /`, square root, fused multiply-add and comparisons, never libm.
///
/// Polynomials after Cephes (Moshier, single precision). Errors stated below hold over the stated range and
/// are what the tests measure against double precision.
public enum ExactMath {
  /// pi, rounded to Float.
  public static let pi: Float = 3.14159265
  /// Angles of larger magnitude are not reduced: `sincos` gives (0, 1).
  public static let angleMax: Float = 65536

  /// Sine and cosine of `x` radians. Absolute error below 1e-7 for |x| <= 1000.
  public static func sincos(_ x: Float) -> (sin: Float, cos: Float) {
    guard x >= -angleMax, x <= angleMax else { return (0, 1) }
    let k = x * 0.636619772
    let n = Int32(k + (k < 0 ? -0.5 : 0.5))
    let fn = Float(n)
    // pi/2 in two parts, so that the reduced angle keeps its bits (Cody & Waite): the Float nearest to
    // pi/2, and what it lacks. The first product is exact.
    var r = fma(fn, -1.57079637050628662, x)
    r = fma(fn, 4.37113883e-08, r)
    let z = r * r
    let ps = fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1)
    let sn = fma(ps * z, r, r)
    let pc = fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2)
    let cs = fma(pc, z * z, fma(-0.5, z, 1))
    let quadrant = UInt32(bitPattern: n) & 3
    let a = quadrant & 1 != 0 ? cs : sn
    let b = quadrant & 1 != 0 ? sn : cs
    return (quadrant & 2 != 0 ? -a : a, (quadrant + 1) & 2 != 0 ? -b : b)
  }

  /// Sine of `x` radians; see `sincos`.
  public static func sin(_ x: Float) -> Float { sincos(x).sin }
  /// Cosine of `x` radians; see `sincos`.
  public static func cos(_ x: Float) -> Float { sincos(x).cos }
  /// Tangent of `x` radians: sine over cosine. Relative error below 4e-7 for |x| <= 1.5.
  public static func tan(_ x: Float) -> Float {
    let (s, c) = sincos(x)
    return s / c
  }

  /// e to the power `x`. Below -86 it is 0, above 88 it is e^88. Relative error below 2e-7.
  public static func exp(_ x: Float) -> Float {
    guard x > -86 else { return 0 }
    let x = x > 88 ? 88 : x
    let k = x * 1.44269504
    let n = Int32(k + (k < 0 ? -0.5 : 0.5))
    let fn = Float(n)
    var r = fma(fn, -0.693359375, x)
    r = fma(fn, 2.12194440e-4, r)
    var p: Float = 1.9875691500e-4
    p = fma(p, r, 1.3981999507e-3)
    p = fma(p, r, 8.3334519073e-3)
    p = fma(p, r, 4.1665795894e-2)
    p = fma(p, r, 1.6666665459e-1)
    p = fma(p, r, 5.0000001201e-1)
    p = fma(p, r * r, r) + 1
    return p * Float(bitPattern: UInt32(bitPattern: n + 127) << 23)
  }

  /// Natural logarithm of a positive normal number; meaningless for others. Absolute error below
  /// 1e-7 + 1e-7 |log x|.
  public static func log(_ x: Float) -> Float {
    let bits = x.bitPattern
    var e = Int32(bitPattern: bits >> 23) - 126
    var m = Float(bitPattern: (bits & 0x7f_ffff) | 0x3f00_0000)
    if m < 0.707106781 {
      e -= 1
      m = m + m
    }
    m = m - 1
    let z = m * m
    var p: Float = 7.0376836292e-2
    p = fma(p, m, -1.1514610310e-1)
    p = fma(p, m, 1.1676998740e-1)
    p = fma(p, m, -1.2420140846e-1)
    p = fma(p, m, 1.4249322787e-1)
    p = fma(p, m, -1.6668057665e-1)
    p = fma(p, m, 2.0000714765e-1)
    p = fma(p, m, -2.4999993993e-1)
    p = fma(p, m, 3.3333331174e-1)
    var y = (p * m) * z
    let fe = Float(e)
    y = fma(fe, -2.12194440e-4, y)
    y = fma(-0.5, z, y)
    return fma(fe, 0.693359375, m + y)
  }

  /// `x` to the power `y`; 0 for x <= 0. Relative error below 2e-7 (1 + 2 |y log x|).
  public static func pow(_ x: Float, _ y: Float) -> Float { x <= 0 ? 0 : exp(y * log(x)) }

  /// Arc cosine, 0 ... pi; arguments beyond -1 ... 1 are clamped. Absolute error below 4e-7.
  public static func acos(_ x: Float) -> Float {
    var a = x < 0 ? -x : x
    if a > 1 { a = 1 }
    let r: Float
    if a > 0.5 {
      let z = 0.5 * (1 - a)
      let s = z.squareRoot()
      r = fma(asinPolynomial(z) * z, s, s) * 2
    } else {
      let z = a * a
      r = 1.57079633 - fma(asinPolynomial(z) * z, a, a)
    }
    return x < 0 ? 3.14159265 - r : r
  }

  /// Angle of the point (x, y), -pi ... pi; 0 at the origin. Absolute error below 4e-7.
  public static func atan2(_ y: Float, _ x: Float) -> Float {
    let ax = x < 0 ? -x : x
    let ay = y < 0 ? -y : y
    let larger = ax > ay ? ax : ay
    let smaller = ax > ay ? ay : ax
    guard larger > 0 else { return 0 }
    var t = smaller / larger
    var offset: Float = 0
    if t > 0.41421356 {
      t = (t - 1) / (t + 1)
      offset = 0.785398163
    }
    let z = t * t
    let p = fma(fma(fma(8.05374449538e-2, z, -1.38776856032e-1), z, 1.99777106478e-1), z, -3.33329491539e-1)
    var r = offset + fma(p * z, t, t)
    if ay > ax { r = 1.57079633 - r }
    if x < 0 { r = 3.14159265 - r }
    return y < 0 ? -r : r
  }

  /// (asin(x) - x) / x^3 as a polynomial in x^2, for x in 0 ... 0.5.
  private static func asinPolynomial(_ z: Float) -> Float {
    let p = fma(fma(fma(4.2163199048e-2, z, 2.4181311049e-2), z, 4.5470025998e-2), z, 7.4953002686e-2)
    return fma(p, z, 1.6666752422e-1)
  }

  /// a * b + c, rounded once.
  private static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }
}
