/// Triangles from the vertices of a primitive (glTF 2.0, section 3.7.2.1).
enum Triangulation {
  /// What the vertices form. Points and lines show no surface and have no case here.
  enum Mode: Int {
    case triangles = 4, strip = 5, fan = 6
  }

  /// Three indices a triangle, counter-clockwise from the front; vertices left over at the end are dropped.
  static func triangles(_ mode: Mode, _ v: [UInt32]) -> [UInt32] {
    var out: [UInt32] = []
    switch mode {
    case .triangles:
      out = v.count % 3 == 0 ? v : Array(v.prefix(v.count / 3 * 3))
    case .strip:
      for i in stride(from: 0, to: v.count - 2, by: 1) {
        // Every other triangle is turned over, so that all face one way.
        let odd = i % 2
        out.append(contentsOf: [v[i], v[i + 1 + odd], v[i + 2 - odd]])
      }
    case .fan:
      for i in stride(from: 0, to: v.count - 2, by: 1) {
        out.append(contentsOf: [v[i + 1], v[i + 2], v[0]])
      }
    }
    return out
  }

  /// Only the triangles that have an area: no ray hits the others, and they have no normal.
  static func withArea(_ indices: [UInt32], _ positions: [SIMD3<Float>]) -> [UInt32] {
    let pieces = Pieces(of: 0..<indices.count / 3, size: 1 << 14)
    let areWhole = [Bool](unsafeUninitializedCapacity: pieces.count) { areWhole, filled in
      filled = pieces.count
      indices.withUnsafeBufferPointer { indices in
        positions.withUnsafeBufferPointer { positions in
          ParallelLoop.run(pieces.count) { piece in
            let isWhole = pieces[piece].allSatisfy { hasArea(indices, 3 * $0, positions) }
            areWhole.initializeElement(at: piece, to: isWhole)
          }
        }
      }
    }
    if areWhole.allSatisfy({ $0 }) { return indices }
    var kept: [UInt32] = []
    kept.reserveCapacity(indices.count)
    for t in stride(from: 0, to: indices.count, by: 3) where normal(indices, t, positions) != nil {
      kept.append(contentsOf: indices[t..<t + 3])
    }
    return kept
  }

  /// Whether there is a normal. Most triangles are neither tiny nor slivers, and quickly known.
  private static func hasArea(
    _ indices: UnsafeBufferPointer<UInt32>, _ t: Int, _ positions: UnsafeBufferPointer<SIMD3<Float>>
  ) -> Bool {
    let (a, b, c) = (Int(indices[t]), Int(indices[t + 1]), Int(indices[t + 2]))
    let (ab, ac) = (positions[b] - positions[a], positions[c] - positions[a])
    let (area, product) = (Vector.cross(ab, ac), Vector.dot(ab, ab) * Vector.dot(ac, ac))
    if Vector.dot(area, area) > 1e-6 * product, product > 1e-30, product < 1e30 { return true }
    return normal(a, b, c, positions[a], positions[b], positions[c]) != nil
  }

  /// Unit normal of the triangle whose first index is at `t`; nil without area.
  static func normal(_ indices: [UInt32], _ t: Int, _ positions: [SIMD3<Float>]) -> SIMD3<Float>? {
    let (a, b, c) = (Int(indices[t]), Int(indices[t + 1]), Int(indices[t + 2]))
    return normal(a, b, c, positions[a], positions[b], positions[c])
  }

  private static func normal(
    _ a: Int, _ b: Int, _ c: Int, _ p: SIMD3<Float>, _ q: SIMD3<Float>, _ r: SIMD3<Float>
  ) -> SIMD3<Float>? {
    guard a != b, b != c, c != a else { return nil }
    // Edges at unit length first: the cross product of a very small triangle's edges would underflow.
    guard let ab = Vector.normalised(q - p), let ac = Vector.normalised(r - p) else { return nil }
    return Vector.normalised(Vector.cross(ab, ac))
  }
}
