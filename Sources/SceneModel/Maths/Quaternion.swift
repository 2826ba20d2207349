/// Rotations as unit quaternions (x, y, z, w), in operations that give the same bits everywhere.
public enum Quaternion {
  /// No rotation.
  public static let identity = SIMD4<Float>(0, 0, 0, 1)

  /// `q` at unit length; the identity when its length is 0 or not finite.
  public static func normalised(_ q: SIMD4<Float>) -> SIMD4<Float> {
    let length = dot(q, q).squareRoot()
    guard length > 0, length.isFinite else { return identity }
    return q / length
  }

  /// Sum of products, left to right.
  public static func dot(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> Float {
    ((a.x * b.x + a.y * b.y) + a.z * b.z) + a.w * b.w
  }

  /// The rotation `b` followed by `a` (Hamilton's product).
  public static func product(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
    SIMD4(
      ((a.w * b.x + a.x * b.w) + a.y * b.z) - a.z * b.y,
      ((a.w * b.y - a.x * b.z) + a.y * b.w) + a.z * b.x,
      ((a.w * b.z + a.x * b.y) - a.y * b.x) + a.z * b.w,
      ((a.w * b.w - a.x * b.x) - a.y * b.y) - a.z * b.z)
  }

  /// Rotation by `angleRad` about the unit vector `axis`, counter-clockwise seen from its tip.
  public static func rotation(about axis: SIMD3<Float>, angleRad: Float) -> SIMD4<Float> {
    let (s, c) = ExactMath.sincos(0.5 * angleRad)
    return SIMD4(axis.x * s, axis.y * s, axis.z * s, c)
  }

  /// Spherical linear interpolation between unit quaternions on the shorter arc (glTF 2.0, appendix C.4);
  /// unit length.
  public static func slerp(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ t: Float) -> SIMD4<Float> {
    let cosine = dot(a, b)
    let b = cosine < 0 ? -b : b
    let d = cosine < 0 ? -cosine : cosine
    // Closer than 1.8 degrees the arc is straight within rounding, and dividing by its sine is not safe.
    guard d < 0.9995 else { return normalised(a + (b - a) * t) }
    let angle = ExactMath.acos(d)
    let wa = ExactMath.sin((1 - t) * angle)
    let wb = ExactMath.sin(t * angle)
    return normalised(a * wa + b * wb)
  }

  /// Images of the x, y and z axes under the rotation by the unit quaternion `q`.
  public static func axes(_ q: SIMD4<Float>) -> (x: SIMD3<Float>, y: SIMD3<Float>, z: SIMD3<Float>) {
    let (x, y, z, w) = (q.x, q.y, q.z, q.w)
    return (
      SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)),
      SIMD3(2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)),
      SIMD3(2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y))
    )
  }
}
