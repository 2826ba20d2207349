extension FrameScene {
  /// A primitive's vertices at one instant, where they are not as modelled.
  public struct Vertices: Sendable {
    /// One a position of the primitive, metres.
    public var positions: [SIMD3<Float>]
    /// Unit length, one a position.
    public var normals: [SIMD3<Float>]
    /// As the primitive's; empty where it has none.
    public var tangents: [SIMD4<Float>]

    /// All fields, in the order of their declaration.
    public init(positions: [SIMD3<Float>], normals: [SIMD3<Float>], tangents: [SIMD4<Float>] = []) {
      self.positions = positions
      self.normals = normals
      self.tangents = tangents
    }
  }
}

/// Moves a primitive's vertices. Every sum has a fixed order, hence the same bits on every machine.
struct Deforming {
  private let primitive: Scene.Primitive
  private let deformation: Scene.Deformation
  /// Weights other than 0, with their targets.
  private let targets: [(weight: Float, target: Scene.Deformation.Target)]
  /// Where each joint takes the vertices; empty without a skin.
  private let joints: [Transform<ObjectSpace, WorldSpace>]

  init(
    _ primitive: Scene.Primitive, _ deformation: Scene.Deformation, weights: [Float],
    joints: [Transform<ObjectSpace, WorldSpace>]
  ) {
    self.primitive = primitive
    self.deformation = deformation
    targets = zip(weights, deformation.targets).filter { $0.0 != 0 }.map { (weight: $0.0, target: $0.1) }
    self.joints = deformation.influences.isEmpty ? [] : joints
  }

  /// Whether the vertices come out in world space, by a skin, and not in object space.
  var isPlaced: Bool { !joints.isEmpty }

  var vertices: FrameScene.Vertices {
    let moved = Array(primitive.positions.indices).mappedInParallel { vertex($0) }
    var vertices = FrameScene.Vertices(
      positions: moved.map(\.position), normals: moved.map(\.normal), tangents: moved.compactMap(\.tangent))
    if deformation.isFlat {
      for t in stride(from: 0, to: primitive.indices.count, by: 3) {
        guard let face = Triangulation.normal(primitive.indices, t, vertices.positions) else { continue }
        for corner in t..<t + 3 { vertices.normals[Int(primitive.indices[corner])] = face }
      }
    }
    return vertices
  }

  private typealias Vertex = (position: SIMD3<Float>, normal: SIMD3<Float>, tangent: SIMD4<Float>?)

  private func vertex(_ index: Int) -> Vertex {
    let source = Int(deformation.vertices[index])
    var position = primitive.positions[index]
    var normal = primitive.normals[index]
    for (weight, target) in targets {
      if !target.positions.isEmpty { position += target.positions[source] * weight }
      if !target.normals.isEmpty { normal += target.normals[source] * weight }
    }
    guard !joints.isEmpty else {
      let unit = Vector.normalised(normal) ?? primitive.normals[index]
      return (position, unit, tangent(index, across: unit) { $0 })
    }
    let map = blended(source)
    // By the cofactor matrix, the inverse transpose times the determinant, which exists in any pose.
    let (a, b, c) = (
      Vector.cross(map.yAxis, map.zAxis), Vector.cross(map.zAxis, map.xAxis),
      Vector.cross(map.xAxis, map.yAxis)
    )
    let turned = (a * normal.x + b * normal.y) + c * normal.z
    let sided = map.determinant < 0 ? -turned : turned
    let unit = Vector.normalised(sided) ?? primitive.normals[index]
    var along = tangent(index, across: unit) { map.direction($0) }
    if map.determinant < 0 { along?.w.negate() }
    return (map.point(position), unit, along)
  }

  /// Goes with the surface, and stays at a right angle to its normal.
  private func tangent(
    _ index: Int, across normal: SIMD3<Float>, _ map: (SIMD3<Float>) -> SIMD3<Float>
  ) -> SIMD4<Float>? {
    guard !primitive.tangents.isEmpty else { return nil }
    let t = primitive.tangents[index]
    return TangentSpace.tangent(map(SIMD3(t.x, t.y, t.z)), across: normal, sign: t.w)
  }

  /// The weighted sum of the maps of a vertex's joints (linear blend skinning).
  private func blended(_ source: Int) -> Transform<ObjectSpace, WorldSpace> {
    var map = Transform<ObjectSpace, WorldSpace>(xAxis: .zero, yAxis: .zero, zAxis: .zero, origin: .zero)
    let count = deformation.influencesPerVertex
    for influence in deformation.influences[source * count..<(source + 1) * count] where influence.weight != 0
    {
      let joint = joints[Int(influence.joint)]
      map.xAxis += joint.xAxis * influence.weight
      map.yAxis += joint.yAxis * influence.weight
      map.zAxis += joint.zAxis * influence.weight
      map.origin += joint.origin * influence.weight
    }
    return map
  }
}
