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
}
