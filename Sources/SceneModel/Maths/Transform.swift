/// The space of a mesh's own coordinates, metres before any node's scale.
public enum ObjectSpace: Sendable {}
/// The space of the scene: +Y up, metres, right-handed.
public enum WorldSpace: Sendable {}
/// The space of a camera: looks along -Z, +Y up, +X right.
public enum CameraSpace: Sendable {}

/// An affine map between two spaces. The spaces are in the type: passing a world point to `objectFromWorld`'s
/// inverse does not compile.
public struct Transform<From, To>: Hashable, Sendable {
  /// Images of the x, y and z axes (not points: no translation).
  public var xAxis, yAxis, zAxis: SIMD3<Float>
  /// Image of the origin.
  public var origin: SIMD3<Float>

  /// From the images of axes and origin.
  public init(xAxis: SIMD3<Float>, yAxis: SIMD3<Float>, zAxis: SIMD3<Float>, origin: SIMD3<Float>) {
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.zAxis = zAxis
    self.origin = origin
  }

  /// Maps a point. Order of operations is fixed: ((x + y) + z) + origin.
  public func point(_ p: SIMD3<Float>) -> SIMD3<Float> {
    ((xAxis * p.x + yAxis * p.y) + zAxis * p.z) + origin
  }
  /// Maps a direction (no translation). Not normalised.
  public func direction(_ d: SIMD3<Float>) -> SIMD3<Float> {
    (xAxis * d.x + yAxis * d.y) + zAxis * d.z
  }
}
