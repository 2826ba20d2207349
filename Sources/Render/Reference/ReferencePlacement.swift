import Kernels

extension DeviceScene {
  /// Every triangle in world space: those that are there already, then those of each instance in turn, placed
  /// in double precision.
  package var placedTriangles: [SceneTriangle] {
    let worldCount = instances.map { Int($0.first_triangle) }.min() ?? triangles.count
    var placed = Array(triangles[..<worldCount])
    for instance in instances {
      let first = Int(instance.first_triangle)
      placed += triangles[first..<first + Int(instance.triangle_count)].map { instance.placed($0) }
    }
    return placed
  }
}

extension DeviceInstance {
  /// A triangle of the object where this instance shows it: normals by the inverse transpose, and two corners
  /// swapped in a mirror, so that the front stays the front.
  fileprivate func placed(_ triangle: SceneTriangle) -> SceneTriangle {
    let (a, b, c) = triangle.position
    let (l, m, n) = triangle.normal
    let (s, t, u) = triangle.uv
    var out = triangle
    out.position = (point(a), point(b), point(c))
    out.normal = (normal(l), normal(m), normal(n))
    guard mirrored != 0 else { return out }
    out.position = (out.position.0, out.position.2, out.position.1)
    out.normal = (out.normal.0, out.normal.2, out.normal.1)
    out.uv = (s, u, t)
    if let (d, e, f) = triangle.details { out.details = (d, f, e) }
    return out
  }

  private func point(_ p: (Float, Float, Float)) -> (Float, Float, Float) {
    let (x, y, z, origin) = world_from_object
    let v = SIMD3<Double>(p)
    let along = SIMD3<Double>(x) * v.x + SIMD3<Double>(y) * v.y + SIMD3<Double>(z) * v.z
    return SIMD3<Float>(along + SIMD3<Double>(origin)).tuple
  }

  private func normal(_ n: (Float, Float, Float)) -> (Float, Float, Float) {
    let (x, y, z, _) = object_from_world
    let v = SIMD3<Double>(n)
    let turned = SIMD3(SIMD3<Double>(x).dot(v), SIMD3<Double>(y).dot(v), SIMD3<Double>(z).dot(v))
    return SIMD3<Float>(turned.normalised ?? SIMD3(0, 1, 0)).tuple
  }
}
