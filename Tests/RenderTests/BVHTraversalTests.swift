import Foundation
import Kernels
import Render
import Testing

@Suite struct BVHTraversalTests {
  @Test func `walking the tree finds what trying every triangle finds, to the bit`() {
    var random = SceneRandom(seed: 21)
    for (name, triangles) in BVHScenes.all {
      let bvh = BVH(triangles, reach: 3)
      var tree = BVHTraversal(bvh)
      let corners = triangles.map(BVHScenes.corners)
      for _ in 0..<max(100, 400_000 / triangles.count) {
        let ray = TraversalRay(BVHScenes.ray(&random, corners))
        #expect(tree.closest(ray) == ray.closest(corners, padding: bvh.padding), "\(name)")
      }
      #expect(tree.stackCountMax <= 64, "\(name)")
    }
  }

  @Test func `double precision finds the same triangle at the same distance`() {
    var random = SceneRandom(seed: 22)
    let triangles = BVHScenes.soup(2000, seed: 23)
    var tree = BVHTraversal(BVH(triangles, reach: 3))
    let truth = ReferenceIntersector(triangles)
    var (hits, atEdges) = (0, 0)
    for _ in 0..<2000 {
      let ray = TraversalRay(origin: random.point(1), direction: random.point(1))
      let exact = truth.closest(
        ReferenceRay(origin: SIMD3<Double>(ray.origin), direction: SIMD3<Double>(ray.direction)))
      let found = tree.closest(ray)
      guard let exact else {
        if found.triangle != .max { atEdges += 1 }
        continue
      }
      hits += 1
      let weights = [exact.weightB, exact.weightC, 1 - exact.weightB - exact.weightC]
      if weights.contains(where: { $0 < 1e-4 }) {
        atEdges += 1
      } else {
        #expect(Int(found.triangle) == exact.triangle)
        #expect(abs(Double(found.distance) - exact.distance) < 1e-4 * max(1, exact.distance))
      }
    }
    #expect(hits > 500)
    #expect(atEdges < 20)
  }

  @Test func `rays along the axes and inside a plane find what every triangle gives`() {
    let triangles = BVHScenes.terrain(12) + BVHScenes.soup(200, seed: 24).map { BVHScenes.flattened($0) }
    let bvh = BVH(triangles, reach: 3)
    var tree = BVHTraversal(bvh)
    let corners = triangles.map(BVHScenes.corners)
    for axis in 0..<3 {
      for sign: Float in [-1, 1] {
        for i in 0..<40 {
          var origin = SIMD3(repeating: Float(i) / 40)
          origin[axis] = -2 * sign
          if axis != 1 { origin.y = 0.5 }
          var direction = SIMD3<Float>.zero
          direction[axis] = sign
          let ray = TraversalRay(origin: origin, direction: direction)
          #expect(tree.closest(ray) == ray.closest(corners, padding: bvh.padding))
        }
      }
    }
  }

  @Test func `rounding shuts no ray out of a box that it passes`() {
    var random = SceneRandom(seed: 25)
    let padding = BVH([BVHScenes.triangle([1, 0, 0], [0, 1, 0], [0, 0, 1])], reach: 1).padding
    var passed = 0
    for number in 0..<200_000 {
      let size = powf(10, -6 * random.unit())
      let middle = random.point(1 - size)
      var corners = (0..<3).map { _ in middle + random.point(size) }
      if number % 3 == 0 { corners = corners.map { SIMD3($0.x, middle.y, $0.z) } }
      let within = NodeView.Box(around: corners, padding: 0)
      let target = within.low + (within.high - within.low) * (random.point(0.5) + 0.5)
      var origin = number % 2 == 0 ? random.point(1) : target + random.point(size)
      origin = pointwiseMin(pointwiseMax(origin, SIMD3(repeating: -1)), SIMD3(repeating: 1))
      if number % 5 == 0 { origin[number / 5 % 3] = target[number / 5 % 3] }
      let ray = TraversalRay(origin: origin, direction: target - origin)
      // An eighth of the padding is for what rounding does to the direction here.
      let inner = NodeView.Box(around: corners, padding: padding / 8)
      guard let exact = Self.exactEntry(ray, inner) else { continue }
      passed += 1
      let entry = ray.enters(NodeView.Box(around: corners, padding: padding), high: 1e30)
      #expect(entry.map { Double($0) <= exact } ?? false, "\(ray.origin) \(ray.direction) \(corners)")
    }
    #expect(passed > 190_000)
  }

  /// Where a ray enters a box, in double precision; nil where it misses it.
  private static func exactEntry(_ ray: TraversalRay, _ box: NodeView.Box) -> Double? {
    var (entry, exit) = (0.0, Double.infinity)
    for axis in 0..<3 {
      let (o, d) = (Double(ray.origin[axis]), Double(ray.direction[axis]))
      let (low, high) = (Double(box.low[axis]), Double(box.high[axis]))
      guard d != 0 else {
        if o < low || o > high { return nil }
        continue
      }
      let (a, b) = ((low - o) / d, (high - o) / d)
      (entry, exit) = (max(entry, min(a, b)), min(exit, max(a, b)))
    }
    return entry <= exit ? entry : nil
  }
}
