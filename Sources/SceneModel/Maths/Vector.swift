/// Products of three-vectors with a fixed order of operations: (x + y) + z, no fused multiply-add.
public enum Vector {
  /// Sum of products.
  public static func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    (a.x * b.x + a.y * b.y) + a.z * b.z
  }
  /// Right-handed cross product.
  public static func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
  /// Euclidean length.
  public static func length(_ a: SIMD3<Float>) -> Float { dot(a, a).squareRoot() }

  /// `a` at unit length; nil when it has no direction: zero or not finite. Scaled by its largest component
  /// first, so that neither tiny nor huge vectors lose their direction.
  public static func normalised(_ a: SIMD3<Float>) -> SIMD3<Float>? {
    let (x, y, z) = (abs(a.x), abs(a.y), abs(a.z))
    let xy = x > y ? x : y
    let largest = xy > z ? xy : z
    guard largest > 0, largest.isFinite, y.isFinite, z.isFinite, x.isFinite else { return nil }
    let scaled = a / largest
    let l = length(scaled)
    guard l > 0, l.isFinite else { return nil }
    return scaled / l
  }
}
