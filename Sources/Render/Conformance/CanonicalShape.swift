import SceneModel

/// A triangle mesh made in code, the same bits on every machine.
package struct CanonicalShape: Sendable {
  package var positions: [SIMD3<Float>] = []
  package var normals: [SIMD3<Float>] = []
  package var uvs: [SIMD2<Float>] = []
  package var indices: [UInt32] = []

  /// Nothing yet.
  package init() {}

  private init(
    positions: [SIMD3<Float>], normals: [SIMD3<Float>], uvs: [SIMD2<Float>], indices: [UInt32]
  ) {
    (self.positions, self.normals, self.uvs, self.indices) = (positions, normals, uvs, indices)
  }

  /// A parallelogram at `corner`, front towards `u` x `v`; texture coordinates 0 ... `uvEnd`.
  package static func quad(
    _ corner: SIMD3<Float>, _ u: SIMD3<Float>, _ v: SIMD3<Float>, uvEnd: Float = 1
  ) -> CanonicalShape {
    let cross = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    let square = (cross.x * cross.x + cross.y * cross.y) + cross.z * cross.z
    let normal = cross / square.squareRoot()
    return CanonicalShape(
      positions: [corner, corner + u, corner + u + v, corner + v],
      normals: [SIMD3<Float>](repeating: normal, count: 4),
      uvs: [[0, uvEnd], [uvEnd, uvEnd], [uvEnd, 0], [0, 0]], indices: [0, 1, 2, 0, 2, 3])
  }

  /// A sphere of 4 `rings`^2 triangles, smooth normals.
  package static func sphere(_ center: SIMD3<Float>, radius: Float, rings: Int = 16) -> CanonicalShape {
    var shape = CanonicalShape()
    let columns = 2 * rings
    for i in 0...rings {
      for j in 0...columns {
        let (v, u) = (Float(i) / Float(rings), Float(j) / Float(columns))
        let (sv, cv) = ExactMath.sincos(v * ExactMath.pi)
        let (su, cu) = ExactMath.sincos(u * 2 * ExactMath.pi)
        let normal = SIMD3(sv * cu, cv, -(sv * su))
        shape.normals.append(normal)
        shape.positions.append(center + normal * radius)
        shape.uvs.append(SIMD2(u, v))
      }
    }
    for i in 0..<rings {
      for j in 0..<columns {
        let a = UInt32(i * (columns + 1) + j)
        let b = a + UInt32(columns + 1)
        shape.indices += [a, b, a + 1, a + 1, b, b + 1]
      }
    }
    return shape
  }
}
