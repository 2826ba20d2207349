import Kernels
import Render
import SceneModel
import Testing

/// What deforms keeps the shape of its hierarchy.
struct DeformationSceneTests {
  /// A ball that is squeezed by `weight`, beside a quad that stays.
  private func frame(weight: Float) -> FrameScene {
    let ball = KernelScenes.sphere(.zero, radius: 1, rings: 8, material: 0)
    let quad = ReferenceScenes.quad([-3, -3, -2], [6, 0, 0], [0, 6, 0], material: 0)
    var frame = DeviceSceneFrames.frame(
      [ball, quad], placements: [(0, DeviceSceneFrames.inPlace), (1, DeviceSceneFrames.inPlace)])
    frame.instances[0].deformed = 0
    frame.deformed = [
      FrameScene.Vertices(
        positions: ball.positions.map { $0 * SIMD3(1 + weight, 1 - 0.7 * weight, 1) }, normals: ball.normals)
    ]
    return frame
  }

  @Test func `another pose keeps which triangle lies in which lane, and moves the boxes`() throws {
    let (rest, moved) = try (DeviceScene(frame(weight: 0)), DeviceScene(frame(weight: 1)))
    #expect(rest.blocks.map { BlockView($0).triangle } == moved.blocks.map { BlockView($0).triangle })
    #expect(rest.header.scene_high.0 == 3 && moved.header.scene_high.0 == 3)
    #expect(rest.digest != moved.digest)
    #expect(try DeviceScene(frame(weight: 1)).digest == moved.digest)
    for scene in [rest, moved] { try checkBoxes(scene) }
  }

  /// Every child's box holds what is below it.
  private func checkBoxes(_ scene: DeviceScene) throws {
    let nodes = scene.nodes.map(NodeView.init)
    var triangles = 0
    for node in nodes {
      for i in 0..<8 where node.children[i] != .min {
        if node.children[i] >= 0 {
          let below = nodes[Int(node.children[i])]
          for k in 0..<8 where below.children[k] != .min { #expect(node.box(i).contains(below.box(k))) }
        } else {
          for block in NodeView.blocks(of: node.children[i]) {
            let corners = BlockView(scene.blocks[block]).corners
            triangles += corners.count / 3
            for corner in corners { #expect(node.box(i).contains(corner)) }
          }
        }
      }
    }
    #expect(triangles >= scene.triangles.count)
  }

  @Test(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
  func `rays find a deformed ball where every triangle is`() throws {
    let scene = try DeviceScene(frame(weight: 0.8))
    let truth = ReferenceIntersector(scene.placedTriangles)
    var random = SceneRandom(seed: 5)
    let rays = (0..<500).map { _ in (origin: random.point(2), direction: random.point(1)) }
    var (hits, different) = (0, 0)
    for (ray, found) in zip(rays, try InstanceProbe().hits(scene, rays)) {
      let exact = truth.closest(
        ReferenceRay(origin: SIMD3<Double>(ray.origin), direction: SIMD3<Double>(ray.direction)))
      if let exact { hits += abs(Double(found.t) - exact.distance) < 1e-4 ? 1 : 0 }
      if (exact == nil) != (found.triangle == .max) { different += 1 }
    }
    #expect(hits > 150)
    #expect(different < 5)
  }
}
