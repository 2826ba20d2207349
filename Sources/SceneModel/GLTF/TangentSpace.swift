/// Tangents (section 3.7.2.1): the file's, or made from texture coordinates as MikkTSpace does (Mikkelsen
/// 2008, "Simulation of Wrinkled Surfaces Revisited"): a triangle's tangent is the direction in which u
/// grows; a vertex gets the sum over its triangles of one orientation, projected onto its plane and weighted
/// by their angles there. Texture coordinates grow downwards, hence the sign is minus that of their
/// orientation.
enum TangentSpace {
  /// `direction` at a right angle to `normal`, of unit length; any where it has no such part.
  static func tangent(
    _ direction: SIMD3<Float>, across normal: SIMD3<Float>, sign: Float
  ) -> SIMD4<Float> {
    let across = direction - normal * Vector.dot(normal, direction)
    let least = abs(normal.x) < abs(normal.y) ? SIMD3<Float>(1, 0, 0) : SIMD3<Float>(0, 1, 0)
    let any = Vector.normalised(Vector.cross(normal, least)) ?? least
    return SIMD4(Vector.normalised(across) ?? any, sign)
  }

  /// See `Scene.Primitive.addTangents`.
  static func add(to primitive: inout Scene.Primitive, _ use: Scene.TextureUse) {
    let coordinates = use.uvSet == 1 ? primitive.uvs1 : primitive.uvs
    let count = primitive.positions.count
    let places =
      coordinates.isEmpty
      ? [SIMD2<Float>](repeating: .zero, count: count) : coordinates.map { use.place($0) }
    var sums = [[SIMD3<Float>]](repeating: [SIMD3<Float>](repeating: .zero, count: count), count: 2)
    // 0 where u, v run counter-clockwise, 1 for a mirror image.
    var isMirrored = [Bool](repeating: false, count: primitive.indices.count / 3)
    for t in isMirrored.indices {
      let corners = (0..<3).map { Int(primitive.indices[3 * t + $0]) }
      let (along, orientation) = gradient(corners, primitive.positions, places)
      isMirrored[t] = orientation > 0
      for (i, vertex) in corners.enumerated() {
        let edges = [1, 2].map { primitive.positions[corners[(i + $0) % 3]] - primitive.positions[vertex] }
        let across = along - primitive.normals[vertex] * Vector.dot(primitive.normals[vertex], along)
        guard let direction = Vector.normalised(across) else { continue }
        sums[isMirrored[t] ? 1 : 0][vertex] += direction * angle(edges[0], edges[1])
      }
    }
    assign(sums, isMirrored, to: &primitive)
  }

  /// The direction in which u grows, any length, and on which side the coordinates turn: the sign of their
  /// area.
  private static func gradient(
    _ corners: [Int], _ positions: [SIMD3<Float>], _ places: [SIMD2<Float>]
  ) -> (along: SIMD3<Float>, orientation: Float) {
    let (p, q) = (
      positions[corners[1]] - positions[corners[0]], positions[corners[2]] - positions[corners[0]]
    )
    let (s, t) = (places[corners[1]] - places[corners[0]], places[corners[2]] - places[corners[0]])
    let area = s.x * t.y - t.x * s.y
    let along = p * t.y - q * s.y
    return (area < 0 ? -along : along, area)
  }

  /// Radians.
  private static func angle(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    guard let a = Vector.normalised(a), let b = Vector.normalised(b) else { return 0 }
    return ExactMath.acos(Vector.dot(a, b))
  }

  private static func assign(
    _ sums: [[SIMD3<Float>]], _ isMirrored: [Bool], to primitive: inout Scene.Primitive
  ) {
    let count = primitive.positions.count
    var owner = [Bool?](repeating: nil, count: count)
    var twin: [Int: UInt32] = [:]
    primitive.tangents = [SIMD4<Float>](repeating: .zero, count: count)
    for (t, mirrored) in isMirrored.enumerated() {
      for at in 3 * t..<3 * t + 3 {
        let vertex = Int(primitive.indices[at])
        let side = mirrored ? 1 : 0
        let made = tangent(
          sums[side][vertex], across: primitive.normals[vertex], sign: mirrored ? -1 : 1)
        if owner[vertex] == nil || owner[vertex] == mirrored {
          owner[vertex] = mirrored
          primitive.tangents[vertex] = made
        } else {
          let copy = twin[vertex] ?? primitive.duplicate(vertex, tangent: made)
          twin[vertex] = copy
          primitive.indices[at] = copy
        }
      }
    }
    // Vertices of no triangle.
    for vertex in 0..<count where owner[vertex] == nil {
      primitive.tangents[vertex] = tangent(.zero, across: primitive.normals[vertex], sign: 1)
    }
  }
}

extension Scene.Primitive {
  /// Gives every vertex a tangent along the coordinates of `use`. A vertex of triangles that show the image
  /// both as it is and mirrored becomes two.
  public mutating func addTangents(_ use: Scene.TextureUse) { TangentSpace.add(to: &self, use) }

  /// Appends a copy of a vertex with another tangent; its index.
  fileprivate mutating func duplicate(_ vertex: Int, tangent: SIMD4<Float>) -> UInt32 {
    positions.append(positions[vertex])
    normals.append(normals[vertex])
    if !uvs.isEmpty { uvs.append(uvs[vertex]) }
    if !uvs1.isEmpty { uvs1.append(uvs1[vertex]) }
    if !colors.isEmpty { colors.append(colors[vertex]) }
    tangents.append(tangent)
    if let source = deformation?.vertices[vertex] { deformation?.vertices.append(source) }
    return UInt32(positions.count - 1)
  }
}
