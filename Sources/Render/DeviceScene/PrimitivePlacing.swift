import Kernels
import SceneModel

/// A primitive on its way into the triangles of a scene.
struct PrimitivePlacing {
  /// Where the next triangle, vertex and detail of a scene go.
  struct Starts {
    var triangle = 0, vertex = 0, detail = 0
  }

  let instance: Int
  /// Where its own go.
  let starts: Starts
  private let primitive: Scene.Primitive
  /// As modelled, or as deformed in this frame.
  private let vertices: FrameScene.Vertices
  private let map: Transform<ObjectSpace, WorldSpace>
  /// Columns of the cofactor matrix, which is the inverse transpose times the determinant; it exists for
  /// flattened objects too. Negated for mirrors, so that normals keep their side.
  private let columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
  /// Whether triangles share the vertices as they are modelled: where that takes less memory than corners of
  /// their own, and no normal is lost, for then each triangle has another instead.
  private let sharesVertices: Bool

  init(
    _ frame: FrameScene, _ instance: Int, _ map: Transform<ObjectSpace, WorldSpace>, _ starts: Starts
  ) {
    let primitive = frame.scene.primitives[frame.instances[instance].primitive]
    self.primitive = primitive
    vertices =
      frame.instances[instance].deformed.map { frame.deformed[$0] }
      ?? FrameScene.Vertices(
        positions: primitive.positions, normals: primitive.normals, tangents: primitive.tangents)
    self.map = map
    self.instance = instance
    self.starts = starts
    let (x, y, z) = (SIMD3<Double>(map.xAxis), SIMD3<Double>(map.yAxis), SIMD3<Double>(map.zAxis))
    let sign: Double = map.mirrors ? -1 : 1
    columns = (sign * y.cross(z), sign * z.cross(x), sign * x.cross(y))
    sharesVertices =
      vertices.positions.count < primitive.indices.count && InstancePlan.keepsPrecision(map)
      && !vertices.normals.contains(.zero)
  }

  /// Its triangles.
  var count: Int { primitive.indices.count / 3 }
  private var vertexCount: Int { sharesVertices ? vertices.positions.count : 3 * count }
  /// Where those of the next primitive go.
  var ends: Starts {
    Starts(
      triangle: starts.triangle + count,
      vertex: starts.vertex + vertexCount,
      detail: starts.detail + (primitive.isDetailed ? vertexCount : 0))
  }

  /// Longer primitives go to the cores in pieces, shorter ones as they are.
  private static let pieceCount = 1 << 14

  /// Writes the triangles of all; their bounds, one by one.
  static func fill(_ arrays: Arrays, _ placings: [PrimitivePlacing]) -> [BVHBox] {
    [BVHBox](unsafeUninitializedCapacity: placings.count) { boxes, filled in
      filled = placings.count
      let short = placings.indices.filter { placings[$0].count <= pieceCount }
      ParallelLoop.run(short.count) { i in
        boxes.initializeElement(at: short[i], to: placings[short[i]].fill(arrays, concurrent: false))
      }
      for i in placings.indices where placings[i].count > pieceCount {
        boxes.initializeElement(at: i, to: placings[i].fill(arrays, concurrent: true))
      }
    }
  }

  /// Where triangles are written.
  struct Arrays {
    let triangles: UnsafeMutableBufferPointer<DeviceTriangle>
    let vertices: UnsafeMutableBufferPointer<DeviceVertex>
    let details: UnsafeMutableBufferPointer<DeviceVertexDetail>

    var view: TriangleView {
      TriangleView(
        triangles: UnsafeBufferPointer(triangles), vertices: UnsafeBufferPointer(vertices),
        details: UnsafeBufferPointer(details))
    }
  }

  private func fill(_ arrays: Arrays, concurrent: Bool) -> BVHBox {
    if sharesVertices {
      let pieces = Pieces(of: vertices.positions.indices, size: PrimitivePlacing.pieceCount)
      ParallelLoop.run(pieces.count, concurrent: concurrent) { piece in
        for i in pieces[piece] {
          arrays.vertices.initializeElement(at: starts.vertex + i, to: vertex(i))
          if primitive.isDetailed { arrays.details.initializeElement(at: starts.detail + i, to: detail(i)) }
        }
      }
    }
    let pieces = Pieces(of: 0..<count, size: PrimitivePlacing.pieceCount)
    var box = BVHBox.empty
    withUnsafeTemporaryAllocation(of: BVHBox.self, capacity: pieces.count) { boxes in
      ParallelLoop.run(pieces.count, concurrent: concurrent) { piece in
        var box = BVHBox.empty
        for i in pieces[piece] {
          let place = starts.triangle + i
          fill(i, arrays)
          box.add(arrays.view.box(place))
          // No comparison finds a NaN, which infinities may have left.
          if arrays.view.isUndefined(place) { box.add(SIMD3(repeating: .infinity)) }
        }
        boxes.initializeElement(at: piece, to: box)
      }
      for piece in boxes { box.add(piece) }
    }
    return box
  }

  /// Writes a triangle, and its vertices with their details where it has its own.
  private func fill(_ index: Int, _ arrays: Arrays) {
    let corners = corners(of: index)
    var triangle = DeviceTriangle()
    if sharesVertices {
      let first = starts.vertex
      triangle.vertex = (Int32(first + corners.0), Int32(first + corners.1), Int32(first + corners.2))
    } else {
      let first = starts.vertex + 3 * index
      let own = ownVertices(corners)
      arrays.vertices.initializeElement(at: first, to: own.0)
      arrays.vertices.initializeElement(at: first + 1, to: own.1)
      arrays.vertices.initializeElement(at: first + 2, to: own.2)
      triangle.vertex = (Int32(first), Int32(first + 1), Int32(first + 2))
      if primitive.isDetailed {
        let first = starts.detail + 3 * index
        arrays.details.initializeElement(at: first, to: detail(corners.0))
        arrays.details.initializeElement(at: first + 1, to: detail(corners.1))
        arrays.details.initializeElement(at: first + 2, to: detail(corners.2))
      }
    }
    triangle.material = Int32(primitive.material)
    triangle.emitter = DeviceScene.noEmitter
    triangle.detail = primitive.isDetailed ? Int32(starts.vertex - starts.detail) : DeviceScene.noDetail
    arrays.triangles.initializeElement(at: starts.triangle + index, to: triangle)
  }

  /// A vertex as placed.
  private func vertex(_ i: Int) -> DeviceVertex {
    let uv = primitive.uvs.isEmpty ? .zero : primitive.uvs[i]
    return DeviceVertex(
      position: map.point(vertices.positions[i]).tuple, normal: normal(vertices.normals[i]).tuple,
      uv: (uv.x, uv.y))
  }

  /// A triangle's vertices, with its geometric normal where a corner has none.
  private func ownVertices(_ corners: (Int, Int, Int)) -> (DeviceVertex, DeviceVertex, DeviceVertex) {
    var (a, b, c) = (vertex(corners.0), vertex(corners.1), vertex(corners.2))
    guard a.normal == (0, 0, 0) || b.normal == (0, 0, 0) || c.normal == (0, 0, 0) else { return (a, b, c) }
    let face = SceneTriangle(DeviceTriangle(), a, b, c).areaVector.normalised
    let normal = face.map { SIMD3<Float>($0).tuple } ?? (0, 1, 0)
    if a.normal == (0, 0, 0) { a.normal = normal }
    if b.normal == (0, 0, 0) { b.normal = normal }
    if c.normal == (0, 0, 0) { c.normal = normal }
    return (a, b, c)
  }

  /// A mirror image turns counter-clockwise into clockwise; the front stays the front (glTF 2.0, 3.7.4).
  private func corners(of triangle: Int) -> (Int, Int, Int) {
    let (a, b, c) = (
      Int(primitive.indices[3 * triangle]), Int(primitive.indices[3 * triangle + 1]),
      Int(primitive.indices[3 * triangle + 2])
    )
    return map.mirrors ? (a, c, b) : (a, b, c)
  }

  /// What only some vertices have, as placed.
  private func detail(_ i: Int) -> DeviceVertexDetail {
    let uv = primitive.uvs1.isEmpty ? .zero : primitive.uvs1[i]
    let color = primitive.colors.isEmpty ? .one : primitive.colors[i]
    return DeviceVertexDetail(
      tangent: tangent(vertices.tangents.isEmpty ? SIMD4(1, 0, 0, 1) : vertices.tangents[i]),
      color: color.tuple, uv: (uv.x, uv.y))
  }

  private func tangent(_ t: SIMD4<Float>) -> (Float, Float, Float, Float) {
    let direction = SIMD3<Double>(map.direction(SIMD3(t.x, t.y, t.z)))
    let unit = direction.normalised.map { SIMD3<Float>($0) } ?? SIMD3(1, 0, 0)
    // Normals keep their side in a mirror, so the bitangent must change its own.
    return (unit.x, unit.y, unit.z, map.mirrors ? -t.w : t.w)
  }

  /// A world-space normal of length 1, rounded to single precision after normalisation; zero where the
  /// placement leaves none.
  private func normal(_ n: SIMD3<Float>) -> SIMD3<Float> {
    let placed = (columns.0 * Double(n.x) + columns.1 * Double(n.y)) + columns.2 * Double(n.z)
    return placed.normalised.map { SIMD3<Float>($0) } ?? .zero
  }
}

extension Scene.Primitive {
  /// Whether its vertices have a DeviceVertexDetail.
  var isDetailed: Bool { !(uvs1.isEmpty && tangents.isEmpty && colors.isEmpty) }
}
