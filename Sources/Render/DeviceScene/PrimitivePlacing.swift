import Kernels
import SceneModel

/// A primitive on its way into the triangles of a scene.
struct PrimitivePlacing {
  let instance: Int
  /// Number of its first triangle.
  let first: Int
  /// Number of its first detail.
  private let firstDetail: Int
  private let primitive: Scene.Primitive
  /// As modelled, or as deformed in this frame.
  private let vertices: FrameScene.Vertices
  private let map: Transform<ObjectSpace, WorldSpace>
  /// Columns of the cofactor matrix, which is the inverse transpose times the determinant; it exists for
  /// flattened objects too. Negated for mirrors, so that normals keep their side.
  private let columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

  init(
    _ frame: FrameScene, _ instance: Int, _ map: Transform<ObjectSpace, WorldSpace>, first: Int,
    firstDetail: Int
  ) {
    let primitive = frame.scene.primitives[frame.instances[instance].primitive]
    self.primitive = primitive
    vertices =
      frame.instances[instance].deformed.map { frame.deformed[$0] }
      ?? FrameScene.Vertices(
        positions: primitive.positions, normals: primitive.normals, tangents: primitive.tangents)
    self.map = map
    self.instance = instance
    self.first = first
    self.firstDetail = firstDetail
    let (x, y, z) = (SIMD3<Double>(map.xAxis), SIMD3<Double>(map.yAxis), SIMD3<Double>(map.zAxis))
    let sign: Double = map.mirrors ? -1 : 1
    columns = (sign * y.cross(z), sign * z.cross(x), sign * x.cross(y))
  }

  /// Its triangles.
  var count: Int { primitive.indices.count / 3 }
  /// As many as its triangles where they have what only some have; else none.
  var detailCount: Int { primitive.isDetailed ? count : 0 }

  /// Longer primitives go to the cores in pieces, shorter ones as they are.
  private static let pieceCount = 1 << 14

  /// Writes the triangles of all; their bounds, one by one.
  static func fill(
    _ triangles: UnsafeMutableBufferPointer<DeviceTriangle>,
    _ details: UnsafeMutableBufferPointer<DeviceTriangleDetail>, _ placings: [PrimitivePlacing]
  ) -> [BVHBox] {
    [BVHBox](unsafeUninitializedCapacity: placings.count) { boxes, filled in
      filled = placings.count
      let short = placings.indices.filter { placings[$0].count <= pieceCount }
      ParallelLoop.run(short.count) { i in
        boxes.initializeElement(
          at: short[i], to: placings[short[i]].fill(triangles, details, concurrent: false))
      }
      for i in placings.indices where placings[i].count > pieceCount {
        boxes.initializeElement(at: i, to: placings[i].fill(triangles, details, concurrent: true))
      }
    }
  }

  private func fill(
    _ triangles: UnsafeMutableBufferPointer<DeviceTriangle>,
    _ details: UnsafeMutableBufferPointer<DeviceTriangleDetail>, concurrent: Bool
  ) -> BVHBox {
    let positions = vertices.positions.mappedInParallel { map.point($0) }
    let normals = vertices.normals.mappedInParallel(normal)
    let pieces = Pieces(of: 0..<count, size: PrimitivePlacing.pieceCount)
    var box = BVHBox.empty
    withUnsafeTemporaryAllocation(of: BVHBox.self, capacity: pieces.count) { boxes in
      positions.withUnsafeBufferPointer { positions in
        normals.withUnsafeBufferPointer { normals in
          primitive.uvs.withUnsafeBufferPointer { uvs in
            ParallelLoop.run(pieces.count, concurrent: concurrent) { piece in
              var box = BVHBox.empty
              for i in pieces[piece] {
                var triangle = triangle(i, positions, normals, uvs)
                if primitive.isDetailed {
                  triangle.detail = Int32(firstDetail + i)
                  details.initializeElement(at: firstDetail + i, to: detail(i))
                }
                box.add(triangle.box)
                // No comparison finds a NaN, which infinities may have left.
                if triangle.isUndefined { box.add(SIMD3(repeating: .infinity)) }
                triangles.initializeElement(at: first + i, to: triangle)
              }
              boxes.initializeElement(at: piece, to: box)
            }
          }
        }
      }
      for piece in boxes { box.add(piece) }
    }
    return box
  }

  private func triangle(
    _ index: Int, _ positions: UnsafeBufferPointer<SIMD3<Float>>,
    _ normals: UnsafeBufferPointer<SIMD3<Float>>,
    _ uvs: UnsafeBufferPointer<SIMD2<Float>>
  ) -> DeviceTriangle {
    let (a, b, c) = corners(of: index)
    var triangle = DeviceTriangle()
    triangle.position = (positions[a].tuple, positions[b].tuple, positions[c].tuple)
    triangle.normal = (normals[a].tuple, normals[b].tuple, normals[c].tuple)
    if normals[a] == .zero || normals[b] == .zero || normals[c] == .zero {
      let face = triangle.areaVector.normalised.map { SIMD3<Float>($0).tuple } ?? (0, 1, 0)
      if normals[a] == .zero { triangle.normal.0 = face }
      if normals[b] == .zero { triangle.normal.1 = face }
      if normals[c] == .zero { triangle.normal.2 = face }
    }
    let (s, t, u) = (uvs[a], uvs[b], uvs[c])
    triangle.uv = ((s.x, s.y), (t.x, t.y), (u.x, u.y))
    triangle.material = Int32(primitive.material)
    triangle.emitter = DeviceScene.noEmitter
    triangle.detail = DeviceScene.noDetail
    return triangle
  }

  /// A mirror image turns counter-clockwise into clockwise; the front stays the front (glTF 2.0, 3.7.4).
  private func corners(of triangle: Int) -> (Int, Int, Int) {
    let (a, b, c) = (
      Int(primitive.indices[3 * triangle]), Int(primitive.indices[3 * triangle + 1]),
      Int(primitive.indices[3 * triangle + 2])
    )
    return map.mirrors ? (a, c, b) : (a, b, c)
  }

  /// What only some triangles have.
  private func detail(_ index: Int) -> DeviceTriangleDetail {
    let corners = corners(of: index)
    func each<Value>(_ values: [Value], _ absent: Value) -> (Value, Value, Value) {
      guard !values.isEmpty else { return (absent, absent, absent) }
      return (values[corners.0], values[corners.1], values[corners.2])
    }
    var detail = DeviceTriangleDetail()
    let uvs = each(primitive.uvs1, .zero)
    detail.uv = ((uvs.0.x, uvs.0.y), (uvs.1.x, uvs.1.y), (uvs.2.x, uvs.2.y))
    let colors = each(primitive.colors, .one)
    detail.color = (colors.0.tuple, colors.1.tuple, colors.2.tuple)
    let tangents = each(vertices.tangents, SIMD4(1, 0, 0, 1))
    detail.tangent = (tangent(tangents.0), tangent(tangents.1), tangent(tangents.2))
    return detail
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
  /// Whether its triangles have a DeviceTriangleDetail.
  var isDetailed: Bool { !(uvs1.isEmpty && tangents.isEmpty && colors.isEmpty) }
}
