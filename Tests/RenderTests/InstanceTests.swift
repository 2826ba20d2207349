import Imaging
import Kernels
import Render
import SceneModel
import Testing

/// What is shown several times or moved against the same thing copied into the world.
@Suite struct InstancePlanTests {
  private typealias Frames = DeviceSceneFrames

  @Test func `what moves or is shown often keeps its own hierarchy, what emits never does`() throws {
    var frame = InstanceScenes.frame(seed: 1, copies: 6, emission: [1, 1, 1])
    #expect(try DeviceScene(frame).instances.isEmpty)
    let few = try InstanceScenes.scene(frame, instanced: true)
    // The sphere seven times... its own place and three copies; the sheet three times; lamp and wall once.
    #expect(few.instances.count == 7)
    #expect(few.triangles.count == 2 + 2 + 2 + 100)
    #expect(few.triangles.filter { $0.emitter >= 0 }.count == 2)
    for i in frame.instances.indices { frame.instances[i].isMoving = true }
    #expect(try DeviceScene(frame).instances.count == frame.instances.count - 1)
  }

  @Test func `a flattened or nearly flattened placement becomes part of the world`() throws {
    for thickness: Float in [0, 1e-5] {
      let flat = Frames.Placement(
        xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, thickness], origin: .zero)
      let frame = Frames.frame(placements: [(0, flat), (0, flat), (0, Frames.inPlace), (0, Frames.inPlace)])
      #expect(try InstanceScenes.scene(frame, instanced: true).instances.count == 2)
    }
  }

  @Test func `copies cost no triangles, nodes or blocks`() throws {
    let ball = KernelScenes.sphere([0, 0, 0], radius: 0.5, rings: 20, material: 0)
    func scene(copies: Int) throws -> DeviceScene {
      let placements = (0..<copies).map { i in
        (
          0,
          Frames.Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [Float(i), 0, 0])
        )
      }
      return try InstanceScenes.scene(Frames.frame([ball], placements: placements), instanced: true)
    }
    let (two, many) = (try scene(copies: 2), try scene(copies: 500))
    #expect(two.triangles.count == many.triangles.count && two.blocks.count == many.blocks.count)
    // A node of the top level holds eight, or some fewer where that is cheaper.
    #expect(many.nodes.count - two.nodes.count < 500 / 2)
    #expect(many.header.scene_high.0 == 499.5 && many.header.scene_low.0 == -0.5)
  }

  @Test func `an instance beyond single precision is refused with its place`() {
    let far = Frames.Placement(xAxis: [1, 0, 0], yAxis: [0, 1, 0], zAxis: [0, 0, 1], origin: [0, 2e12, 0])
    let frame = Frames.frame(placements: [(0, Frames.inPlace), (0, far)])
    #expect(throws: DeviceSceneError.tooFarOut(instance: 1, primitive: 0, coordinate: 2e12, limit: 1e12)) {
      try InstanceScenes.scene(frame, instanced: true)
    }
  }

  @Test func `one chain through both levels fits the traversal's stack`() throws {
    let frame = InstanceScenes.frame(seed: 3, copies: 900)
    let scene = try InstanceScenes.scene(frame, instanced: true)
    #expect(scene.instances.count == 901)
    #expect(scene.traversalStackNeed <= 128)
    let flat = try InstanceScenes.scene(frame, instanced: false)
    #expect(flat.instances.isEmpty && flat.triangles.count > 40_000)
  }
}

@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct InstanceTests {
  @Test(arguments: [1, 12, 300]) func `rays find through instances what every placed triangle gives`(
    copies: Int
  ) throws {
    let scene = try InstanceScenes.scene(
      InstanceScenes.frame(seed: UInt64(copies), copies: copies), instanced: true)
    let placed = scene.placedTriangles
    let truth = ReferenceIntersector(placed)
    var random = SceneRandom(seed: 77)
    let rays = (0..<max(200, 200_000 / placed.count)).map { _ in
      (origin: random.point(2), direction: random.point(1))
    }
    var (hits, close) = (0, 0)
    for (ray, found) in zip(rays, try InstanceProbe().hits(scene, rays)) {
      let exact = truth.closest(
        ReferenceRay(origin: SIMD3<Double>(ray.origin), direction: SIMD3<Double>(ray.direction)))
      guard let exact else {
        if found.triangle != .max { close += 1 }
        continue
      }
      hits += 1
      let weights = [exact.weightB, exact.weightC, 1 - exact.weightB - exact.weightC]
      let number =
        found.triangle == .max
        ? -1 : InstanceScenes.placedNumber(scene, triangle: found.triangle, instance: found.instance)
      if number != exact.triangle, weights.contains(where: { $0 < 1e-4 }) {
        close += 1
        continue
      }
      #expect(number == exact.triangle)
      #expect(abs(Double(found.t) - exact.distance) < 2e-5 * max(1, exact.distance))
      #expect(found.isBlockedBeyond && !found.isBlockedBefore)
    }
    #expect(hits > rays.count / 4)
    #expect(close <= rays.count / 100)
  }

  @Test func `instances and copies are hit at the same distance and on the same triangle`() throws {
    let frame = InstanceScenes.frame(seed: 5, copies: 60)
    let instanced = try InstanceScenes.scene(frame, instanced: true)
    let copied = try InstanceScenes.scene(frame, instanced: false)
    var random = SceneRandom(seed: 78)
    let rays = (0..<4000).map { _ in (origin: random.point(3), direction: random.point(1)) }
    let probe = try InstanceProbe()
    let (a, b) = (try probe.hits(instanced, rays), try probe.hits(copied, rays))
    let (placed, plain) = (instanced.placedTriangles, copied.triangles)
    var different = 0
    for (x, y) in zip(a, b) where x.triangle != .max || y.triangle != .max {
      guard x.triangle != .max, y.triangle != .max, abs(x.t - y.t) < 1e-5 * max(1, y.t) else {
        different += 1
        continue
      }
      let number = InstanceScenes.placedNumber(instanced, triangle: x.triangle, instance: x.instance)
      let (p, q) = (placed[number].position.0, plain[Int(y.triangle)].position.0)
      let apart = SIMD3(p.0 - q.0, p.1 - q.1, p.2 - q.2)
      if Vector.length(apart) > 1e-5 { different += 1 }
      #expect(y.instance == -1)
    }
    // At shared edges the neighbour may win.
    #expect(different < 8, "\(different) of \(rays.count)")
  }

  @Test func `no ray slips between the triangles of an instance`() throws {
    // Aimed from inside at vertices and edges of a closed, turned and stretched ball.
    let ball = KernelScenes.sphere(.zero, radius: 1, rings: 12, material: 0)
    let placements = (0..<2).map { i in
      (
        0,
        InstanceScenes.placement(
          axis: [1, 2, 3], angleRad: 1.1, scale: [0.37, -1.9, 0.71], at: [100 + Float(10 * i), -37, 12])
      )
    }
    let scene = try InstanceScenes.scene(
      DeviceSceneFrames.frame([ball], placements: placements), instanced: true)
    let corners = scene.placedTriangles.map(\.position)
    var random = SceneRandom(seed: 79)
    let rays = (0..<20_000).map { i -> (origin: SIMD3<Float>, direction: SIMD3<Float>) in
      let (a, b, _) = corners[i % (corners.count / 2)]
      let along = i % 3 == 0 ? 0 : random.unit()
      let (p, q) = (SIMD3(a.0, a.1, a.2), SIMD3(b.0, b.1, b.2))
      let origin = SIMD3<Float>(100, -37, 12) + random.point(0.1)
      return (origin, p + (q - p) * along - origin)
    }
    let leaks = try InstanceProbe().hits(scene, rays).filter { $0.triangle == .max || $0.instance != 0 }
    #expect(leaks.isEmpty, "\(leaks.count)")
  }

  @Test func `equal distances go to the world, then to the first instance`() throws {
    let frame = DeviceSceneFrames.frame(
      [DeviceSceneFrames.triangle(), DeviceSceneFrames.triangle()],
      placements: [
        (0, DeviceSceneFrames.inPlace), (0, DeviceSceneFrames.inPlace), (1, DeviceSceneFrames.inPlace),
      ])
    let ray = (origin: SIMD3<Float>(0.2, 0.2, 2), direction: SIMD3<Float>(0, 0, -1))
    let probe = try InstanceProbe()
    let mixed = try probe.hits(InstanceScenes.scene(frame, instanced: true), [ray])[0]
    #expect(mixed.instance == -1 && mixed.triangle == 0 && abs(mixed.t - 2) < 1e-6)
    var moved = frame
    moved.instances.removeLast()
    let two = try probe.hits(InstanceScenes.scene(moved, instanced: true), [ray])[0]
    #expect(two.instance == 0 && abs(two.t - 2) < 1e-6)
  }

  private static let whole = TileRect(x: 0, y: 0, width: 21, height: 13)

  @Test func `every lane width gives the same bits of instances`() throws {
    let scene = try InstanceScenes.scene(
      InstanceScenes.frame(seed: 6, copies: 40, emission: [3, 3, 3]), instanced: true)
    let settings = KernelScenes.settings(width: 21, height: 13, maxDepth: 5)
    let images = try [1, 8, 16].map { width in
      let renderer = try TileRenderer(device: try #require(KernelScenes.device), laneWidth: width)
      try renderer.load(scene)
      return try renderer.render(rect: Self.whole, samples: 0..<8, settings: settings)
    }
    #expect(images[0] == images[1] && images[1] == images[2])
  }

  @Test func `kernel and reference agree on instances, and copies look like them`() throws {
    let frame = InstanceScenes.frame(seed: 8, copies: 14, emission: [4, 4, 4])
    let instanced = try InstanceScenes.scene(frame, instanced: true)
    let truth = ReferenceTracer(instanced, ReferenceScenes.settings(maxDepth: 3)).render(
      ReferenceKernelTests.whole, sampleCount: ReferenceScenes.sampleCount / 16, seed: 7)
    let kernel = try ReferenceKernelTests.batches(instanced, maxDepth: 3)
    #expect(Agreement(truth, kernel).isGood, "\(Agreement(truth, kernel))")
    let copied = try ReferenceKernelTests.batches(
      InstanceScenes.scene(frame, instanced: false), maxDepth: 3)
    // The same random numbers: all but the same image.
    for (a, b) in zip(kernel, copied) { #expect(abs(a.mean.y - b.mean.y) < 0.01 * max(0.1, b.mean.y)) }
  }
}
