import Kernels
import Render

/// A ray as the kernels set it up, single precision.
struct TraversalRay {
  let origin: SIMD3<Float>
  let direction: SIMD3<Float>
  private let inverse: SIMD3<Float>
  private let axes: (x: Int, y: Int, z: Int)
  private let shear: SIMD3<Float>

  init(origin: SIMD3<Float>, direction: SIMD3<Float>) {
    self.origin = origin
    self.direction = direction
    var inverse = SIMD3<Float>.zero
    for axis in 0..<3 {
      let d = direction[axis]
      inverse[axis] = d.magnitude < 1e-18 ? (d.sign == .minus ? -1e18 : 1e18) : 1 / d
    }
    self.inverse = inverse
    let (x, y, z) = (direction.x.magnitude, direction.y.magnitude, direction.z.magnitude)
    let largest = x > y && x > z ? 0 : y > z ? 1 : 2
    axes = ((largest + 1) % 3, (largest + 2) % 3, largest)
    let scale = inverse[largest]
    shear = SIMD3(-(direction[axes.x] * scale), -(direction[axes.y] * scale), scale)
  }

  init(_ ray: RayTracer.Ray) { self.init(origin: ray.origin, direction: ray.direction) }

  /// The nearest hit by trying every triangle.
  func closest(_ triangles: [[SIMD3<Float>]], padding: Float) -> TraversalHit {
    var hit = TraversalHit()
    for (id, corners) in triangles.enumerated() {
      if let t = distance(corners, padding: padding) { hit.offer(t, Int32(id)) }
    }
    return hit
  }

  /// Distance at which the ray enters a box before `high`, or nil.
  func enters(_ box: NodeView.Box, high: Float) -> Float? {
    var (near, far): (Float, Float) = (0, high)
    for axis in 0..<3 {
      let scaled = -(origin[axis] * inverse[axis])
      let a = scaled.addingProduct(box.low[axis], inverse[axis])
      let b = scaled.addingProduct(box.high[axis], inverse[axis])
      near = max(near, min(a, b))
      far = min(far, max(a, b))
    }
    return near <= far ? near : nil
  }

  /// Woop, Benthin & Wald 2013: distance to a triangle, or nil. Where rounding alone decides, the answer lies
  /// within the triangle's box, padded as the tree's boxes are.
  func distance(_ corners: [SIMD3<Float>], padding: Float) -> Float? {
    let sheared = corners.map { corner -> SIMD3<Float> in
      let p = corner - origin
      return SIMD3(
        p[axes.x].addingProduct(shear.x, p[axes.z]), p[axes.y].addingProduct(shear.y, p[axes.z]), p[axes.z])
    }
    let (a, b, c) = (sheared[0], sheared[1], sheared[2])
    let u = c.x * b.y - c.y * b.x
    let v = a.x * c.y - a.y * c.x
    let w = b.x * a.y - b.y * a.x
    guard (u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0) else { return nil }
    let determinant = (u + v) + w
    guard determinant != 0 else { return nil }
    let t = ((w * c.z).addingProduct(v, b.z).addingProduct(u, a.z) * shear.z) / determinant
    guard t > 0, let entry = enters(NodeView.Box(around: corners, padding: padding), high: 1e30) else {
      return nil
    }
    return max(t, entry)
  }
}

/// The nearest hit: ties go to the lower number, as in the kernels.
struct TraversalHit: Equatable {
  var distance = Float(1e30)
  var triangle = Int32.max

  mutating func offer(_ t: Float, _ id: Int32) {
    if t < distance || (t == distance && id < triangle) { self = TraversalHit(distance: t, triangle: id) }
  }
}

/// Walks a BVH as the kernels do.
struct BVHTraversal {
  private let nodes: [NodeView]
  private let blocks: [(triangle: [Int32], corners: [[SIMD3<Float>]])]
  private let padding: Float
  /// Most stack entries that any ray needed.
  private(set) var stackCountMax = 0

  init(_ bvh: BVH) {
    nodes = bvh.nodes.map(NodeView.init)
    padding = bvh.padding
    blocks = bvh.blocks.map { block in
      let view = BlockView(block)
      let corners = view.corners
      let used = view.triangle.filter { $0 != .max }
      return (used, used.indices.map { Array(corners[3 * $0..<3 * $0 + 3]) })
    }
  }

  mutating func closest(_ ray: TraversalRay) -> TraversalHit {
    var hit = TraversalHit()
    guard !nodes.isEmpty else { return hit }
    var stack: [(child: Int32, t: Float)] = [(0, 0)]
    while let (child, t) = stack.popLast() {
      guard t <= hit.distance else { continue }
      if child < 0 {
        for block in NodeView.blocks(of: child) {
          for (id, corners) in zip(blocks[block].triangle, blocks[block].corners) {
            if let t = ray.distance(corners, padding: padding) { hit.offer(t, id) }
          }
        }
        continue
      }
      let node = nodes[Int(child)]
      var entered: [(child: Int32, t: Float)] = []
      for i in 0..<8 where node.children[i] != .min {
        if let t = ray.enters(node.box(i), high: hit.distance) { entered.append((node.children[i], t)) }
      }
      stack += entered.sorted { $0.t > $1.t }
      stackCountMax = max(stackCountMax, stack.count)
    }
    return hit
  }
}
