import Kernels

/// A ray in world space, double precision.
package struct ReferenceRay: Sendable {
  /// Metres.
  package var origin: SIMD3<Double>
  /// Any length; distances are in units of it.
  package var direction: SIMD3<Double>

  package init(origin: SIMD3<Double>, direction: SIMD3<Double>) {
    self.origin = origin
    self.direction = direction
  }
}

/// Where a ray meets a triangle.
package struct ReferenceHit: Sendable {
  /// In units of the ray's direction.
  package var distance: Double
  /// Barycentric weights of the vertices b and c.
  package var weightB, weightC: Double
  /// Index of the triangle.
  package var triangle: Int
}

/// The plain truth about intersections: every triangle, double precision, no hierarchy.
/// Möller & Trumbore, "Fast, minimum storage ray/triangle intersection", 1997. Both sides are hit.
package struct ReferenceIntersector: Sendable {
  private let corners: [(a: SIMD3<Double>, ab: SIMD3<Double>, ac: SIMD3<Double>)]

  package init(_ triangles: [SceneTriangle]) {
    corners = triangles.map { triangle in
      let a = SIMD3<Double>(triangle.position.0)
      return (a, SIMD3<Double>(triangle.position.1) - a, SIMD3<Double>(triangle.position.2) - a)
    }
  }

  /// The nearest hit with a distance in (low, high) that `accepts`, ignoring triangle `except`.
  package func closest(
    _ ray: ReferenceRay, low: Double = 0, high: Double = .infinity, except: Int? = nil,
    accepts: (ReferenceHit) -> Bool = { _ in true }
  ) -> ReferenceHit? {
    var best: ReferenceHit?
    for i in corners.indices where i != except {
      if let hit = hit(ray, i), hit.distance > low, hit.distance < best?.distance ?? high, accepts(hit) {
        best = hit
      }
    }
    return best
  }

  /// Whether anything but the two triangles lies in between.
  package func blocked(
    _ ray: ReferenceRay, high: Double, except: Int, and other: Int? = nil,
    accepts: (ReferenceHit) -> Bool = { _ in true }
  ) -> Bool {
    corners.indices.contains { i in
      guard i != except, i != other, let hit = hit(ray, i) else { return false }
      return hit.distance > 0 && hit.distance < high && accepts(hit)
    }
  }

  /// The crossing with one triangle's plane inside the triangle, at any distance.
  package func hit(_ ray: ReferenceRay, _ index: Int) -> ReferenceHit? {
    let (a, ab, ac) = corners[index]
    let p = ray.direction.cross(ac)
    let determinant = ab.dot(p)
    guard determinant != 0 else { return nil }
    let s = ray.origin - a
    let weightB = s.dot(p) / determinant
    guard weightB >= 0, weightB <= 1 else { return nil }
    let q = s.cross(ab)
    let weightC = ray.direction.dot(q) / determinant
    guard weightC >= 0, weightB + weightC <= 1 else { return nil }
    return ReferenceHit(
      distance: ac.dot(q) / determinant, weightB: weightB, weightC: weightC, triangle: index)
  }
}
