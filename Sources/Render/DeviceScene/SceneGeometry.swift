import Kernels
import SceneModel

/// A frame's triangles with those that emit and the hierarchies over them: what does not depend on the
/// camera, nor on where objects with a hierarchy of their own are.
struct SceneGeometry: Sendable {
  let plan: InstancePlan
  let triangles: TriangleMesh
  /// Of the triangles; lights without size are not here.
  let emitters: EmitterTable
  let trees: SceneTrees
  /// Bounds of everything as placed, metres; zero without triangles.
  let low, high: SIMD3<Float>
  /// Largest absolute coordinate of anything as placed, metres.
  let reach: Float

  private let primitives: Kept<Scene.Primitive>
  private let sceneMaterials: Kept<Scene.Material>
  /// What textured lamps are bright by.
  private let pictures: (Kept<Scene.Texture>, Kept<Scene.Image>)
  /// Where the plan's flattened instances are.
  private let placements: [Transform<ObjectSpace, WorldSpace>]

  /// Takes from `kept` what is the same.
  init(
    _ frame: FrameScene, _ plan: InstancePlan, _ materials: MaterialArray, reusing kept: SceneGeometry?
  ) throws(DeviceSceneError) {
    self.plan = plan
    primitives = Kept(frame.scene.primitives)
    sceneMaterials = Kept(frame.scene.materials)
    pictures = (Kept(frame.scene.textures), Kept(frame.scene.images))
    let placements = plan.flattened.map { frame.instances[$0].worldFromObject }
    self.placements = placements
    let isSame = kept?.isOf(frame, plan, placements) ?? false
    let box: BVHBox
    if let kept, isSame, plan.deformed.isEmpty {
      (triangles, emitters, trees) = (kept.triangles, kept.emitters, kept.trees)
      box = try WorldTriangles.bounds(of: kept.trees.runs, frame, plan)
    } else {
      let world = try WorldTriangles(frame, plan)
      // What emits is in world space.
      emitters = EmitterTable(world, count: world.worldCount, EmissionMean(materials))
      triangles = world.finished()
      trees = SceneTrees(
        frame, plan, triangles, world.runs, cutouts: materials.cutouts,
        shapes: isSame ? kept?.trees.shapes : nil)
      box = try WorldTriangles.bounds(of: world.runs, frame, plan)
    }
    let isEmpty = triangles.isEmpty
    low = isEmpty ? .zero : SIMD3(box.low.x, box.low.y, box.low.z)
    high = isEmpty ? .zero : SIMD3(box.high.x, box.high.y, box.high.z)
    reach = isEmpty ? 0 : box.largestCoordinate
  }

  private func isOf(
    _ frame: FrameScene, _ plan: InstancePlan, _ placements: [Transform<ObjectSpace, WorldSpace>]
  ) -> Bool {
    self.plan == plan && self.placements == placements && primitives.is(frame.scene.primitives)
      && sceneMaterials.is(frame.scene.materials) && pictures.0.is(frame.scene.textures)
      && pictures.1.is(frame.scene.images)
  }
}
