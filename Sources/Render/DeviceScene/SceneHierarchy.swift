import Kernels
import SceneModel

/// The two-level hierarchy of a frame: a top level over parts of the world's own BVH and over instances, each
/// of which leads to the BVH of its object (Parker et al. 2010, "OptiX", section 5.2). Parts of the world's
/// BVH rather than all of it, so that what lies in different places does not hang side by side (Benthin et
/// al. 2017, "Improved two-level BVHs using partial re-braiding").
struct SceneHierarchy {
  /// The root is node 0; children come after their parents, objects after the instances that show them.
  private(set) var nodes: [DeviceBVHNode] = []
  private(set) var instances: [DeviceInstance] = []
  /// What boxes over triangles in world space exceed them by, metres.
  let worldPadding: Float

  /// Most parts that the world's BVH is taken apart into, however many instances there are.
  private static let partCountMax = 4096

  /// - Parameter reach: largest absolute coordinate of any ray's origin and of anything as placed, metres.
  init(_ frame: FrameScene, _ plan: InstancePlan, _ trees: SceneTrees, reach: Float) {
    let runs = trees.runs
    worldPadding = BVH.padShare * reach
    let maps = plan.objects.map { $0.instances.map { frame.instances[$0].worldFromObject } }
    let inObjects = maps.map { $0.reduce(Float(0)) { max($0, SceneHierarchy.reach(reach, through: $1)) } }
    let placedCount = runs.all.count - runs.objects.count
    let fits = trees.fits(reaches: [Float](repeating: reach, count: placedCount) + inObjects)
    let trees = zip(fits, trees.leafBoxes).map { $0.nodes(leafBoxes: $1) }
    guard trees.count > 1 || !runs.objects.isEmpty else {
      nodes = trees.first ?? []
      return
    }
    let instanceCount = maps.reduce(0) { $0 + $1.count }
    var parts: [(box: BVHBox, child: Int32)] = []
    for tree in 0..<placedCount {
      let count = tree == 0 ? min(2 * (instanceCount + plan.deformed.count), SceneHierarchy.partCountMax) : 1
      let first = Int32(fits[tree].firstNode)
      parts += SceneHierarchy.parts(of: trees[tree], first: first, count: count)
    }
    for (i, object) in runs.objects.enumerated() {
      let (fit, tree) = (fits[placedCount + i], trees[placedCount + i])
      for map in maps[i] {
        parts.append(
          (SceneHierarchy.box(of: tree[0], map, reach), ~(Int32(instances.count) | INSTANCE_LEAF)))
        instances.append(DeviceInstance(map, fit, triangles: object.range))
      }
    }
    nodes = BVH.topLevel(of: parts)
    let offset = Int32(nodes.count)
    for tree in trees { nodes += tree.map { $0.shifted(by: offset) } }
    for i in instances.indices { instances[i].root += offset }
  }

  /// At least `count` boxes and child values that together are the whole tree, if it has as many: largest
  /// area first, a node gives way to its children.
  /// `first`: number of the root.
  private static func parts(
    of nodes: [DeviceBVHNode], first: Int32, count: Int
  ) -> [(box: BVHBox, child: Int32)] {
    var parts = nodes[0].children
    while parts.count < count {
      var largest: (index: Int, area: Double)?
      for (i, part) in parts.enumerated() where part.child >= 0 {
        if part.box.halfArea > largest?.area ?? -1 { largest = (i, part.box.halfArea) }
      }
      guard let largest else { break }
      let node = parts.remove(at: largest.index)
      parts += nodes[Int(node.child - first)].children
    }
    return parts
  }

  /// Largest coordinate that rays of the world can have in an object's space, rounding on the way included.
  private static func reach(_ reach: Float, through map: Transform<ObjectSpace, WorldSpace>) -> Float {
    guard let inverse = map.doubleInverse else { return reach }
    var largest = 0.0
    for axis in 0..<3 {
      let spread = abs(inverse.x[axis]) + abs(inverse.y[axis]) + abs(inverse.z[axis])
      largest = max(largest, spread * Double(reach) + abs(inverse.origin[axis]))
    }
    return Float(largest)
  }

  /// Bounds of an instance: of the images of its root's children.
  private static func box(
    of root: DeviceBVHNode, _ map: Transform<ObjectSpace, WorldSpace>, _ reach: Float
  ) -> BVHBox {
    root.children.reduce(BVHBox.empty) { $0.union($1.box.placed(map)) }
      .padded(BVH.padShare * reach)
  }
}

extension DeviceInstance {
  fileprivate init(_ map: Transform<ObjectSpace, WorldSpace>, _ fit: BVHFit, triangles: Range<Int>) {
    self.init()
    world_from_object = (map.xAxis.tuple, map.yAxis.tuple, map.zAxis.tuple, map.origin.tuple)
    if let inverse = map.doubleInverse {
      let rows = [inverse.x, inverse.y, inverse.z, inverse.origin].map { SIMD3<Float>($0).tuple }
      object_from_world = (rows[0], rows[1], rows[2], rows[3])
    }
    root = Int32(fit.firstNode)
    padding = fit.pad
    mirrored = map.mirrors ? 1 : 0
    first_triangle = Int32(triangles.lowerBound)
    triangle_count = Int32(triangles.count)
  }
}
