import Kernels
import Render
import Testing

@Suite struct BVHTraversalTests {
  /// Without those whose triangles are below single precision's resolution of the scene: the triangle test
  /// itself then answers by its rounding, far outside of the triangle's box.
  private static let scenes =
    BVHScenes.all.filter { !["huge", "tiny", "vortex"].contains($0.name) } + [
      ("short vortex", BVHScenes.vortex(400))
    ]

  @Test func `walking the tree finds what trying every triangle finds, to the bit`() {
    var random = SceneRandom(seed: 21)
    for (name, triangles) in BVHTraversalTests.scenes {
      var tree = BVHTraversal(BVH(triangles, reach: 3))
      let corners = triangles.map(BVHTraversalTests.corners)
      for _ in 0..<max(100, 400_000 / triangles.count) {
        let ray = BVHTraversalTests.ray(&random, corners)
        var expected = TraversalHit()
        for (id, corners) in corners.enumerated() {
          if let t = ray.distance(corners) { expected.offer(t, Int32(id)) }
        }
        #expect(tree.closest(ray) == expected, "\(name)")
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
    var tree = BVHTraversal(BVH(triangles, reach: 3))
    let corners = triangles.map(BVHTraversalTests.corners)
    for axis in 0..<3 {
      for sign: Float in [-1, 1] {
        for i in 0..<40 {
          var origin = SIMD3(repeating: Float(i) / 40)
          origin[axis] = -2 * sign
          if axis != 1 { origin.y = 0.5 }
          var direction = SIMD3<Float>.zero
          direction[axis] = sign
          let ray = TraversalRay(origin: origin, direction: direction)
          var expected = TraversalHit()
          for (id, corners) in corners.enumerated() {
            if let t = ray.distance(corners) { expected.offer(t, Int32(id)) }
          }
          #expect(tree.closest(ray) == expected)
        }
      }
    }
  }

  private static func corners(_ t: DeviceTriangle) -> [SIMD3<Float>] {
    [t.position.0, t.position.1, t.position.2].map { SIMD3($0.0, $0.1, $0.2) }
  }

  /// From around the scene or from inside, half of them aimed at a vertex or an edge of some triangle.
  private static func ray(_ random: inout SceneRandom, _ corners: [[SIMD3<Float>]]) -> TraversalRay {
    let origin = random.point(random.unit() < 0.5 ? 3 : 1)
    let aim = random.unit()
    guard aim < 0.5 else { return TraversalRay(origin: origin, direction: random.point(1)) }
    let target = corners[Int(random.bits() % UInt64(corners.count))]
    let along = aim < 0.25 ? 0 : random.unit()
    return TraversalRay(origin: origin, direction: (target[0] + (target[1] - target[0]) * along) - origin)
  }
}
