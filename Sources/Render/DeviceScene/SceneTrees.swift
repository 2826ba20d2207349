import Kernels
import SceneModel

/// Triangles of a scene that have a hierarchy of their own.
struct TriangleRuns: Sendable {
  /// Which triangles, and their bounds in their space.
  typealias Run = (range: Range<Int>, box: BVHBox)
  /// What stays in world space; may be empty.
  var world: Run = (0..<0, .empty)
  /// What deforms, in world space; one for each of the plan's.
  var deformed: [Run] = []
  /// One for each of the plan's, in object space.
  var objects: [Run] = []

  /// All that are not empty, in that order.
  var all: [Run] { (world.range.isEmpty ? [] : [world]) + deformed + objects }
}

/// The hierarchies of a scene before they are joined: what does not depend on where objects and rays are.
struct SceneTrees: Sendable {
  let runs: TriangleRuns
  /// One a run; without the triangles' order where no frame needs it again.
  private(set) var shapes: [BVHShape]
  /// One a run: bounds of its leaves.
  let leafBoxes: [[BVHBox]]
  let blocks: DeviceArray<DeviceTriangleBlock>

  /// `cutouts`: see `BVHFit`; `shapes`: when known already.
  init(
    _ frame: FrameScene, _ plan: InstancePlan, _ triangles: TriangleMesh, _ runs: TriangleRuns,
    cutouts: [Bool], shapes: [BVHShape]?
  ) {
    self.runs = runs
    self.shapes = shapes ?? SceneTrees.shapes(frame, plan, triangles, runs)
    let growing = GrowingDeviceArray<DeviceTriangleBlock>(
      count: self.shapes.reduce(0) { $0 + $1.blockCount })
    var fits = SceneTrees.fits(runs, self.shapes)
    for i in fits.indices { fits[i].cutouts = cutouts }
    leafBoxes = triangles.withView { view in
      fits.map { $0.leafBoxes(over: view, blocks: growing.values) }
    }
    blocks = growing.finished()
    if plan.deformed.isEmpty {
      for i in self.shapes.indices { self.shapes[i].order = [] }
    }
  }

  /// Ready to make nodes, one tree after the other. `reaches`: largest absolute coordinate of any ray's
  /// origin in the space of each run, metres.
  func fits(reaches: [Float]) -> [BVHFit] {
    var fits = SceneTrees.fits(runs, shapes)
    for i in fits.indices { fits[i].pad = BVH.pad(reach: reaches[i], over: runs.all[i].box) }
    return fits
  }

  private static func fits(_ runs: TriangleRuns, _ shapes: [BVHShape]) -> [BVHFit] {
    var (nodeCount, blockCount) = (0, 0)
    return zip(runs.all, shapes).map { run, shape in
      let fit = BVHFit(
        shape: shape, pad: 0, firstNode: nodeCount, firstBlock: blockCount,
        firstTriangle: run.range.lowerBound)
      nodeCount += shape.nodes.count
      blockCount += shape.blockCount
      return fit
    }
  }

  /// Of all runs. What deforms has the shape of the mesh as modelled, so that it is the same in every frame.
  private static func shapes(
    _ frame: FrameScene, _ plan: InstancePlan, _ triangles: TriangleMesh, _ runs: TriangleRuns
  ) -> [BVHShape] {
    let modelled = plan.deformed.map { frame.scene.primitives[frame.instances[$0].primitive] }
    return triangles.withView { view in
      func shape(_ run: TriangleRuns.Run, concurrent: Bool) -> BVHShape {
        if let i = runs.deformed.firstIndex(where: { $0.range.lowerBound == run.range.lowerBound }) {
          return BVH.shape(count: run.range.count, concurrent: concurrent) { modelled[i].box(ofTriangle: $0) }
        }
        return BVH.shape(count: run.range.count, concurrent: concurrent) {
          view.box(run.range.lowerBound + $0)
        }
      }
      return shapes(runs.all, shape)
    }
  }

  /// Long ones one after the other, for each uses all cores; short ones side by side.
  private static func shapes(
    _ runs: [TriangleRuns.Run], _ shape: (TriangleRuns.Run, Bool) -> BVHShape
  ) -> [BVHShape] {
    [BVHShape](unsafeUninitializedCapacity: runs.count) { shapes, filled in
      filled = runs.count
      let short = runs.indices.filter { runs[$0].range.count <= shortCount }
      ParallelLoop.run(short.count) { i in
        shapes.initializeElement(at: short[i], to: shape(runs[short[i]], false))
      }
      for i in runs.indices where runs[i].range.count > shortCount {
        shapes.initializeElement(at: i, to: shape(runs[i], true))
      }
    }
  }

  private static let shortCount = 1 << 15
}

extension Scene.Primitive {
  /// Bounds of a triangle as modelled.
  fileprivate func box(ofTriangle index: Int) -> BVHBox {
    var box = BVHBox.empty
    for corner in 3 * index..<3 * index + 3 { box.add(positions[Int(indices[corner])]) }
    return box
  }
}
