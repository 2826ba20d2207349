import Kernels
import SceneModel

/// The triangles of a frame: first those of the world, then those that deform, in world space too, then those
/// in the space of the objects that a plan gives a hierarchy of their own.
struct WorldTriangles {
  /// Coordinates above this are refused: the triangle test multiplies three of them in single precision.
  static let coordinateMaxM: Float = 1e12

  /// To write into, until finished.
  let triangles: GrowingDeviceArray<DeviceTriangle>
  private let details: GrowingDeviceArray<DeviceVertexDetail>
  private let vertices: GrowingDeviceArray<DeviceVertex>
  /// How many are in world space.
  let worldCount: Int
  private(set) var runs = TriangleRuns()

  init(_ frame: FrameScene, _ plan: InstancePlan) throws(DeviceSceneError) {
    var placings: [PrimitivePlacing] = []
    var starts = PrimitivePlacing.Starts()
    func place(_ instance: Int, _ map: Transform<ObjectSpace, WorldSpace>) {
      let placing = PrimitivePlacing(frame, instance, map, starts)
      placings.append(placing)
      starts = placing.ends
    }
    for i in plan.flattened { place(i, frame.instances[i].worldFromObject) }
    let still = starts.triangle
    for i in plan.deformed { place(i, frame.instances[i].worldFromObject) }
    worldCount = starts.triangle
    for object in plan.objects { place(object.instances[0], .inPlace) }
    guard starts.triangle <= BVH.triangleCountMax else {
      throw .tooManyTriangles(count: starts.triangle, limit: BVH.triangleCountMax)
    }
    triangles = GrowingDeviceArray(count: starts.triangle)
    vertices = GrowingDeviceArray(count: starts.vertex)
    details = GrowingDeviceArray(count: starts.detail)
    let boxes = PrimitivePlacing.fill(
      PrimitivePlacing.Arrays(
        triangles: triangles.values, vertices: vertices.values, details: details.values), placings)
    var placed: [TriangleRuns.Run] = []
    for (placing, box) in zip(placings, boxes) {
      try WorldTriangles.check(box, frame, placing.instance)
      placed.append((placing.starts.triangle..<placing.ends.triangle, box))
    }
    runs.world = (0..<still, placed[..<plan.flattened.count].reduce(BVHBox.empty) { $0.union($1.box) })
    runs.deformed = Array(placed[plan.flattened.count...].prefix(plan.deformed.count))
    runs.objects = Array(placed.suffix(plan.objects.count))
  }

  /// Bounds of everything as placed.
  static func bounds(
    of runs: TriangleRuns, _ frame: FrameScene, _ plan: InstancePlan
  ) throws(DeviceSceneError) -> BVHBox {
    var box = runs.deformed.reduce(runs.world.box) { $0.union($1.box) }
    for (object, run) in zip(plan.objects, runs.objects) {
      for instance in object.instances {
        let placed = run.box.placed(frame.instances[instance].worldFromObject)
        try check(placed, frame, instance)
        box.add(placed)
      }
    }
    return box
  }

  private static func check(_ box: BVHBox, _ frame: FrameScene, _ instance: Int) throws(DeviceSceneError) {
    guard box.low.x <= box.high.x, !(box.largestCoordinate <= coordinateMaxM) else { return }
    throw .tooFarOut(
      instance: instance, primitive: frame.instances[instance].primitive, coordinate: box.largestCoordinate,
      limit: coordinateMaxM)
  }

  /// The triangles as they are now.
  var view: TriangleView {
    TriangleView(
      triangles: UnsafeBufferPointer(triangles.values), vertices: UnsafeBufferPointer(vertices.values),
      details: UnsafeBufferPointer(details.values))
  }

  func finished() -> TriangleMesh {
    TriangleMesh(triangles.finished(), vertices.finished(), details.finished())
  }
}
