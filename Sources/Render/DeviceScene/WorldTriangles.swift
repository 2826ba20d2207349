import Kernels
import SceneModel

/// All instances of a frame as triangles in world space.
struct WorldTriangles {
  /// Coordinates above this are refused: the triangle test multiplies three of them in single precision.
  static let coordinateMaxM: Float = 1e12

  private(set) var triangles: [DeviceTriangle] = []
  private(set) var details: [DeviceTriangleDetail] = []
  private var box = BVHBox.empty

  init(_ frame: FrameScene) throws(DeviceSceneError) {
    let count = frame.instances.reduce(0) { $0 + frame.scene.primitives[$1.primitive].indices.count / 3 }
    guard count <= BVH.triangleCountMax else {
      throw .tooManyTriangles(count: count, limit: BVH.triangleCountMax)
    }
    triangles.reserveCapacity(count)
    for (i, instance) in frame.instances.enumerated() {
      try append(frame.scene.primitives[instance.primitive], instance, number: i)
    }
  }

  /// Lower bounds, metres; zero without triangles.
  var low: SIMD3<Float> { triangles.isEmpty ? .zero : SIMD3(box.low.x, box.low.y, box.low.z) }
  /// Upper bounds, metres; zero without triangles.
  var high: SIMD3<Float> { triangles.isEmpty ? .zero : SIMD3(box.high.x, box.high.y, box.high.z) }
  /// Largest absolute coordinate, metres.
  var reach: Float { triangles.isEmpty ? 0 : box.largestCoordinate }

  private mutating func append(
    _ primitive: Scene.Primitive, _ instance: FrameScene.Instance, number: Int
  ) throws(DeviceSceneError) {
    let placing = Placing(instance.worldFromObject)
    let positions = primitive.positions.map { instance.worldFromObject.point($0) }
    for p in positions {
      for axis in 0..<3 where !(p[axis].magnitude <= WorldTriangles.coordinateMaxM) {
        throw .tooFarOut(
          instance: number, primitive: instance.primitive, coordinate: p[axis],
          limit: WorldTriangles.coordinateMaxM)
      }
    }
    let normals = primitive.normals.map { placing.normal($0) }
    for first in stride(from: 0, to: primitive.indices.count - 2, by: 3) {
      let a = Int(primitive.indices[first])
      var b = Int(primitive.indices[first + 1])
      var c = Int(primitive.indices[first + 2])
      // A mirror image turns counter-clockwise into clockwise; the front stays the front (glTF 2.0, 3.7.4).
      if placing.mirrors { swap(&b, &c) }
      var triangle = DeviceTriangle()
      triangle.position = (positions[a].tuple, positions[b].tuple, positions[c].tuple)
      let face = WorldTriangles.unit(triangle.areaVector) ?? SIMD3(0, 1, 0)
      triangle.normal = ((normals[a] ?? face).tuple, (normals[b] ?? face).tuple, (normals[c] ?? face).tuple)
      let (s, t, u) = (primitive.uvs[a], primitive.uvs[b], primitive.uvs[c])
      triangle.uv = ((s.x, s.y), (t.x, t.y), (u.x, u.y))
      triangle.material = Int32(primitive.material)
      triangle.emitter = DeviceScene.noEmitter
      triangle.detail = detail(of: primitive, (a, b, c), instance, placing)
      for p in [positions[a], positions[b], positions[c]] {
        let point = SIMD4(p.x, p.y, p.z, 0)
        box.add(low: point, high: point)
      }
      triangles.append(triangle)
    }
  }

  /// Appends what only some triangles have; its index, or `noDetail`.
  private mutating func detail(
    of primitive: Scene.Primitive, _ corners: (Int, Int, Int), _ instance: FrameScene.Instance,
    _ placing: Placing
  ) -> Int32 {
    guard primitive.isDetailed else { return DeviceScene.noDetail }
    func each<Value>(_ values: [Value], _ absent: Value) -> (Value, Value, Value) {
      guard !values.isEmpty else { return (absent, absent, absent) }
      return (values[corners.0], values[corners.1], values[corners.2])
    }
    var detail = DeviceTriangleDetail()
    let uvs = each(primitive.uvs1, .zero)
    detail.uv = ((uvs.0.x, uvs.0.y), (uvs.1.x, uvs.1.y), (uvs.2.x, uvs.2.y))
    let colors = each(primitive.colors, .one)
    detail.color = (colors.0.tuple, colors.1.tuple, colors.2.tuple)
    let tangents = each(primitive.tangents, SIMD4(1, 0, 0, 1))
    func placed(_ t: SIMD4<Float>) -> (Float, Float, Float, Float) {
      let direction = SIMD3<Double>(instance.worldFromObject.direction(SIMD3(t.x, t.y, t.z)).tuple)
      let unit = WorldTriangles.unit(direction) ?? SIMD3(1, 0, 0)
      // Normals keep their side in a mirror, so the bitangent must change its own.
      return (unit.x, unit.y, unit.z, placing.mirrors ? -t.w : t.w)
    }
    detail.tangent = (placed(tangents.0), placed(tangents.1), placed(tangents.2))
    details.append(detail)
    return Int32(details.count - 1)
  }

  /// Rounded to single precision after normalisation.
  fileprivate static func unit(_ v: SIMD3<Double>) -> SIMD3<Float>? {
    v.normalised.map { SIMD3(Float($0.x), Float($0.y), Float($0.z)) }
  }
}

extension Scene.Primitive {
  fileprivate var isDetailed: Bool { !(uvs1.isEmpty && tangents.isEmpty && colors.isEmpty) }
}

/// What a placement does to normals and to the sense of rotation.
private struct Placing {
  /// Columns of the cofactor matrix, which is the inverse transpose times the determinant; it exists for
  /// flattened objects too. Negated for mirrors, so that normals keep their side.
  private let columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
  let mirrors: Bool

  init(_ map: Transform<ObjectSpace, WorldSpace>) {
    let x = SIMD3<Double>(map.xAxis.tuple)
    let y = SIMD3<Double>(map.yAxis.tuple)
    let z = SIMD3<Double>(map.zAxis.tuple)
    mirrors = x.dot(y.cross(z)) < 0
    let sign: Double = mirrors ? -1 : 1
    columns = (sign * y.cross(z), sign * z.cross(x), sign * x.cross(y))
  }

  /// A world-space normal of length 1; nil where the placement leaves none.
  func normal(_ n: SIMD3<Float>) -> SIMD3<Float>? {
    WorldTriangles.unit((columns.0 * Double(n.x) + columns.1 * Double(n.y)) + columns.2 * Double(n.z))
  }
}
