import Render
import Testing

/// Rays through the kernels' traversal: alone, in packets of either width, with the processor's instructions
/// and without.
@Suite(
  .serialized,
  .enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct RayTracerTests {
  /// Every form of the traversal there is.
  private static let forms: [(laneWidth: Int, portable: Bool, alone: Bool)] = [
    (1, false, true), (8, false, false), (16, false, false), (16, false, true), (8, true, false),
    (16, true, false),
  ]

  private func tracer(_ form: (laneWidth: Int, portable: Bool, alone: Bool)) throws -> RayTracer {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    return try RayTracer(device: device, laneWidth: form.laneWidth, portable: form.portable)
  }

  /// Bundles of rays that stay close, and rays that have nothing to do with each other.
  private static func rays(
    _ count: Int, _ random: inout SceneRandom, _ corners: [[SIMD3<Float>]]
  ) -> [RayTracer.Ray] {
    (0..<count / 16).flatMap { bundle -> [RayTracer.Ray] in
      let first = BVHScenes.ray(&random, corners)
      return (0..<16).map { i in
        if i == 0 { return first }
        if bundle % 2 == 1 { return BVHScenes.ray(&random, corners) }
        return RayTracer.Ray(origin: first.origin, direction: first.direction + random.point(0.01))
      }
    }
  }

  @Test func `every form finds what trying every triangle finds, to the bit`() throws {
    var random = SceneRandom(seed: 31)
    let cases = BVHScenes.all.map { name, triangles in
      let corners = triangles.map(BVHScenes.corners)
      let rays = Self.rays(max(64, min(1024, 200_000 / triangles.count)), &random, corners)
      let padding = BVH(triangles, reach: 3).padding
      let expected = rays.map { TraversalRay($0).closest(corners, padding: padding) }
      return (name: name, scene: BVHScenes.scene(triangles), rays: rays, expected: expected)
    }
    for form in Self.forms {
      let tracer = try tracer(form)
      for (name, scene, rays, expected) in cases {
        try tracer.load(scene)
        let hits = try tracer.closest(rays, alone: form.alone)
        #expect(
          hits == expected.map { RayTracer.Hit(distance: $0.distance, triangle: $0.triangle) },
          "\(name), \(form)")
        // Up to just before the hit, and up to it.
        let short = zip(rays, expected).map {
          RayTracer.Ray(origin: $0.origin, direction: $0.direction, length: $1.distance.nextDown)
        }
        let exact = zip(rays, expected).map {
          RayTracer.Ray(origin: $0.origin, direction: $0.direction, length: $1.distance)
        }
        #expect(try !tracer.blocked(short, alone: form.alone).contains(true), "\(name), \(form)")
        #expect(
          try tracer.blocked(exact, alone: form.alone) == expected.map { $0.triangle != .max },
          "\(name), \(form)")
      }
    }
  }

  @Test(arguments: [8, 16])
  func `no ray aimed at a shared edge or vertex of a closed mesh leaks`(laneWidth: Int) throws {
    let sphere = KernelScenes.sphere([0.1, -0.2, 0.3], radius: 0.7, rings: 12, material: 0)
    let triangles = stride(from: 0, to: sphere.indices.count, by: 3).map { i in
      BVHScenes.triangle(
        sphere.positions[Int(sphere.indices[i])], sphere.positions[Int(sphere.indices[i + 1])],
        sphere.positions[Int(sphere.indices[i + 2])])
    }
    var random = SceneRandom(seed: 32)
    let rays = (0..<4096).map { _ in
      let origin = SIMD3<Float>(0.1, -0.2, 0.3) + random.point(0.3)
      let corners = BVHScenes.corners(triangles[Int(random.bits() % UInt64(triangles.count))])
      let along: Float = random.unit() < 0.5 ? 0 : random.unit()
      return RayTracer.Ray(origin: origin, direction: corners[0] + (corners[1] - corners[0]) * along - origin)
    }
    let tracer = try tracer((laneWidth, false, false))
    try tracer.load(BVHScenes.scene(triangles))
    #expect(try tracer.closest(rays).allSatisfy { $0.triangle != .max && $0.distance < 1.001 })
    #expect(try !tracer.blocked(rays).contains(false))
  }
}
